import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineReader } from '../../../../src/sandbox/celesto/direct/lines.ts';
import { present } from '../../../support/present.ts';

const name = 'one';

/** What a reader made of these pieces: words as they came, all bytes together, and what they cost. */
function read(pieces: readonly (string | Uint8Array)[]) {
  const words: string[] = [];
  const bytes: Uint8Array[] = [];
  let cost = 0;
  const reader = new LineReader(name, {
    begun: () => words.push('begun'),
    word: ({ word, number }) => words.push(number === undefined ? word : `${word} ${number}`),
    data: (more, characters) => {
      bytes.push(more);
      cost += characters;
    },
  });
  for (const piece of pieces) reader.push(Buffer.from(piece));
  return { words, bytes: Buffer.concat(bytes), cost };
}

const begun = `motd\r\n$ exec env A=1 sh -c '... AIRLOCK"-DIRECT" one'\r\n\nAIRLOCK-DIRECT one\n`;

describe('lines of a script that has a terminal to itself', () => {
  it('begin behind whatever a shell says before, its echo of what was typed included', () => {
    assert.deepEqual(read([begun]).words, ['begun']);
    assert.deepEqual(read(['motd AIRLOCK-DIRECT other\n']).words, []);
  });

  it('are bytes and words, wherever they are cut and wherever a word stands', () => {
    const part = fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }), wordAt: fc.nat() });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (parts, cuts) => {
        const lines = parts.map(({ bytes, wordAt }, index) => {
          const text = Buffer.from(bytes).toString('base64');
          const at = wordAt % (text.length + 1);
          return `${text.slice(0, at)}\n.c ${index}\n${text.slice(at)}\n`;
        });
        const all = begun + lines.join('');
        const places = [0, ...cuts.map((cut) => cut % all.length).sort((one, other) => one - other), all.length];
        const got = read(places.slice(1).map((end, index) => all.slice(places[index], end)));
        assert.deepEqual(got.words, ['begun', ...parts.map((_, index) => `c ${index}`)]);
        assert.equal(got.bytes.equals(Buffer.concat(parts.map(({ bytes }) => bytes))), true);
        assert.equal(
          got.cost,
          parts.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 3) * 4, 0),
        );
      }),
    );
  });

  it('may end as terminals end theirs', () => {
    const got = read([`${begun}\r\n.o 32768\r\naGVsbG8=\r\n.e\r\n`]);
    assert.deepEqual([got.words, String(got.bytes)], [['begun', 'o 32768', 'e'], 'hello']);
  });

  it('are refused where they are neither', () => {
    for (const line of ['.', '.oo', '.o x', '.o 1234567890', '.O', '. ', 'a b', 'ä', '\0', `.c ${'1'.repeat(100)}`]) {
      assert.throws(() => read([`${begun}${line}\n`]), /damaged/, line);
    }
  });

  it('hold little of what does not end', () => {
    assert.throws(() => read(Array.from({ length: 40 }, () => 'x'.repeat(65_536))), /does not come to an end/);
    assert.throws(() => read([begun, '.c ', ...Array.from({ length: 40 }, () => '1'.repeat(10))]), /damaged/);
    // Base64 without an end is given as it comes, for whoever granted the credit to count.
    const pieces = Array.from({ length: 20 }, () => 'AAAA'.repeat(1000));
    const got = read([begun, ...pieces]);
    assert.deepEqual([got.cost, got.bytes.length], [80_000, 60_000]);
    assert.equal(present(got.words[0]), 'begun');
  });
});
