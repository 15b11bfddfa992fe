import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeText } from '../../../../src/core/sync/merge.ts';
import { bytesOf, textOf } from './support/memory.ts';

function merged(base: string, ours: string, theirs: string): string {
  const result = mergeText(bytesOf(base), bytesOf(ours), bytesOf(theirs));
  return result.kind === 'clean' ? textOf(result.bytes) : `<${result.kind}>`;
}

const lines = (count: number, change: Record<number, string> = {}) =>
  Array.from({ length: count }, (_, at) => `${change[at] ?? `line ${at}`}\n`).join('');

describe('three-way merge of text', () => {
  it('takes both sides where they changed different places', () => {
    assert.equal(
      merged(lines(9), lines(9, { 1: 'ours' }), lines(9, { 7: 'theirs' })),
      lines(9, { 1: 'ours', 7: 'theirs' }),
    );
  });

  it('sees a conflict where both changed the same line, and none where they changed it alike', () => {
    assert.equal(merged(lines(9), lines(9, { 4: 'ours' }), lines(9, { 4: 'theirs' })), '<conflict>');
    assert.equal(
      merged(lines(9), lines(9, { 4: 'same' }), lines(9, { 4: 'same', 8: 'x' })),
      lines(9, { 4: 'same', 8: 'x' }),
    );
  });

  it('keeps line endings, bytes that are no UTF-8, and a missing newline at the end', () => {
    const crlf = lines(9).replaceAll('\n', '\r\n');
    assert.equal(
      merged(crlf, crlf.replace('line 1\r', 'ours\r'), `${crlf}end`),
      `${crlf.replace('line 1\r', 'ours\r')}end`,
    );
    const odd = Buffer.concat([Buffer.from([0xff, 0xfe, 0x80, 0x0a]), bytesOf(lines(6))]);
    const result = mergeText(
      odd,
      Buffer.concat([odd, bytesOf('ours\n')]),
      Buffer.from(odd.toString('latin1').replace('line 1', 'theirs'), 'latin1'),
    );
    assert.ok(result.kind === 'clean');
    assert.deepEqual([...result.bytes.subarray(0, 4)], [0xff, 0xfe, 0x80, 0x0a]);
  });

  it('never joins two lines over a missing newline', () => {
    const result = merged('p\nq\n', 'p\nq', 'p\nq\nr\n');
    assert.ok(result === '<conflict>' || result === 'p\nq\nr\n', result);
  });

  it('does not merge bytes', () => {
    assert.equal(merged('a\0b', 'a\0c', 'd\0b'), '<binary>');
    const large = 'x\n'.repeat(1_100_000);
    assert.equal(merged(large, `${large}a`, `b${large}`), '<binary>');
  });

  it('gives up on what would hold up everything else, and not on long code', () => {
    const same = (change: Record<number, string>) =>
      Array.from({ length: 20_000 }, (_, at) => `${change[at] ?? '}'}\n`).join('');
    assert.equal(merged(same({}), same({ 0: 'a' }), same({ 19_999: 'b' })), '<binary>');
    const code = (change: Record<number, string>) =>
      Array.from({ length: 20_000 }, (_, at) => `${change[at] ?? (at % 2 === 0 ? '}' : `call(${at})`)}\n`).join('');
    assert.equal(merged(code({}), code({ 0: 'a' }), code({ 19_999: 'b' })), code({ 0: 'a', 19_999: 'b' }));
  });

  const text = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', 'x\r'), { maxLength: 12 }), fc.boolean())
    .map(([parts, ends]) =>
      parts
        .map((part) => `${part}\n`)
        .join('')
        .slice(0, ends ? undefined : -1),
    );

  it('gives the other side where one changed nothing', () => {
    fc.assert(
      fc.property(text, text, (base, other) => {
        assert.equal(merged(base, other, base), other);
        assert.equal(merged(base, base, other), other);
        assert.equal(merged(base, other, other), other);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on which side is which', () => {
    fc.assert(
      fc.property(text, text, text, (base, ours, theirs) =>
        assert.equal(merged(base, ours, theirs), merged(base, theirs, ours)),
      ),
      { numRuns: 500 },
    );
  });

  it('never loses or doubles a line that only one side added', () => {
    const place = fc.nat({ max: 30 });
    fc.assert(
      fc.property(place, place, (mine, yours) => {
        const add = (at: number, name: string) => lines(31).split('\n').toSpliced(at, 0, name).join('\n');
        const result = merged(lines(31), add(mine, 'MINE'), add(yours, 'YOURS'));
        if (result === '<conflict>') assert.equal(mine, yours);
        else
          assert.deepEqual(
            result
              .split('\n')
              .filter((line) => /MINE|YOURS/.test(line))
              .sort(),
            ['MINE', 'YOURS'],
          );
      }),
    );
  });
});
