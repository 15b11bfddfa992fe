import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonMembers } from '../../../../src/core/sync/jsonMembers.ts';
import { splitPackage } from '../../../../src/core/sync/packageKeys.ts';
import { bytesOf, textOf } from './support/memory.ts';

const split = (base: string | undefined, theirs: string) => {
  const result = splitPackage(base === undefined ? undefined : bytesOf(base), bytesOf(theirs));
  return result.kind === 'mixed' ? { ...result, safe: textOf(result.safe) } : result;
};

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

describe('keys of a package.json that run by themselves', () => {
  it('lets a change of other keys pass', () => {
    assert.deepEqual(
      split(json({ name: 'a', scripts: { test: 't' } }), json({ name: 'a', scripts: { test: 't' }, type: 'module' })),
      { kind: 'harmless' },
    );
    assert.deepEqual(split(json({ scripts: { a: 'b' } }), json({})), { kind: 'harmless' });
  });

  it('keeps back the scripts alone, and the rest byte for byte', () => {
    const base = '{\n  "name": "a",\n  "scripts": { "test": "t" },\n  "files": ["x"]\n}\n';
    const theirs =
      '{\n  "name": "a",\n  "scripts": {\n    "test": "t",\n    "postinstall": "evil"\n  },\n  "files": ["x", "y"]\n}\n';
    assert.deepEqual(split(base, theirs), {
      kind: 'mixed',
      keys: ['scripts'],
      safe: '{\n  "name": "a",\n  "scripts": { "test": "t" },\n  "files": ["x", "y"]\n}\n',
    });
  });

  const running = [
    'prettier eslintConfig stylelint babel jest mocha postcss commitlint config pre-commit commit-msg post-checkout',
    'nano-staged ava nyc c8 lint-staged simple-git-hooks',
  ].flatMap((keys) => keys.split(' '));
  for (const key of running) {
    it(`keeps back ${key}`, () => {
      const result = split(json({ name: 'a' }), json({ name: 'b', [key]: { run: 'evil' } }));
      assert.ok(result.kind === 'mixed');
      assert.deepEqual([result.keys, JSON.parse(result.safe)], [[key], { name: 'b' }]);
    });
  }

  it('takes out new keys with their comma, at any place', () => {
    const rest = { name: 'a', dependencies: { b: '1' } };
    const [name, dependencies] = ['"name":"b"', '"dependencies":{"b":"1"}'];
    for (const theirs of [
      `{"scripts":{"x":"y"},${name},${dependencies}}`,
      `{${name},"packageManager":"x@1","scripts":{"x":"y"},${dependencies}}`,
      `{${name},${dependencies}, "husky":{} }`,
    ]) {
      const result = split(json(rest), theirs);
      assert.ok(result.kind === 'mixed', theirs);
      assert.deepEqual(JSON.parse(result.safe), { name: 'b', dependencies: { b: '1' } });
    }
  });

  it('waits with the whole where nothing else changed, or where it cannot be told apart', () => {
    assert.deepEqual(split(json({ name: 'a' }), json({ name: 'a', scripts: { x: 'y' } })), {
      kind: 'running',
      keys: ['scripts'],
    });
    assert.deepEqual(split(undefined, json({ scripts: { x: 'y' } })), { kind: 'running', keys: ['scripts'] });
    for (const odd of [
      '{"scripts":{},}',
      '[]',
      '{"a":1,"a":2}',
      '\ufeff{}',
      '{"scripts":1,"scr\\u0069pts":2}',
      'null',
      '',
    ]) {
      assert.equal(split(json({}), odd).kind, 'running', odd);
    }
  });

  it('is not fooled by an escaped key or a key inside another', () => {
    assert.equal(split(json({ name: 'a' }), '{"name":"a","scr\\u0069pts":{"x":"y"}}').kind, 'running');
    assert.deepEqual(split(json({ name: 'a' }), json({ name: 'a', custom: { scripts: { x: 'y' } } })), {
      kind: 'harmless',
    });
  });

  it('keeps back the keys of a new file', () => {
    const result = split(undefined, json({ name: 'a', scripts: { x: 'y' }, type: 'module' }));
    assert.ok(result.kind === 'mixed');
    assert.deepEqual(JSON.parse(result.safe), { name: 'a', type: 'module' });
  });

  it('never lets a running key through, and never touches another one', () => {
    const keys = fc.constantFrom('name', 'scripts', 'pnpm', 'type', 'gypfile', 'files', '__proto__', 'a"b', 'c\\');
    const manifest = fc.dictionary(keys, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 });
    fc.assert(
      fc.property(manifest, manifest, fc.constantFrom(undefined, 1, '\t'), (base, theirs, indent) => {
        const text = JSON.stringify(theirs, undefined, indent);
        const result = split(JSON.stringify(base), text);
        const members = (of: string) =>
          new Map((jsonMembers(of) ?? assert.fail()).map(({ key, value }) => [key, value]));
        const [was, now] = [members(JSON.stringify(base)), members(text)];
        const after = result.kind === 'mixed' ? members(result.safe) : undefined;
        for (const key of ['scripts', 'pnpm', 'gypfile']) {
          if (result.kind === 'harmless' && now.has(key)) assert.deepEqual(now.get(key), was.get(key));
          if (after?.has(key) === true) assert.deepEqual(after.get(key), now.has(key) ? was.get(key) : undefined);
        }
        for (const key of after === undefined ? [] : ['name', 'type', 'files', '__proto__', 'a"b', 'c\\']) {
          assert.deepEqual(after?.get(key), now.get(key));
        }
      }),
      { numRuns: 500 },
    );
  });
});
