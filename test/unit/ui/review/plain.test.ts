import assert from 'node:assert/strict';
import { relPath } from '../../../../src/core/paths.ts';
import type { BlobId, Change, Node } from '../../../../src/core/sync/types.ts';
import { isPlain } from '../../../../src/ui/review/plain.ts';

const node = (fill: string): Node => ({ t: 'file', blob: fill.repeat(64) as BlobId, size: 1, exec: false });

function changeOf(path: string, more: Partial<Change> = {}): Change {
  const sides = { base: node('0'), theirs: node('1'), ours: node('0') };
  return { path: relPath(path), ...sides, merge: 'take', danger: [], ...more };
}

describe('what a review shows as plain text', () => {
  it('is what runs by itself or may not come home', () => {
    assert.equal(isPlain(changeOf('a.ts', { danger: ['editor-config'] })), true);
    assert.equal(isPlain(changeOf('a.ts', { merge: 'blocked' })), true);
    assert.equal(isPlain(changeOf('a.ts', { merge: 'conflict' })), false);
  });

  const schemas = [
    'data.json',
    'a/B.JSON',
    'x.jsonc',
    'i18n/de.yaml',
    'b.yml',
    'c.toml',
    'page.xml',
    'a.svg',
    'site.webmanifest',
  ];
  for (const path of [...schemas, 'x.code-snippets', 'trace.har', '.swcrc', 'a/app.js.map', 'composer.lock'])
    it(`is ${path}, which may name a schema to be fetched`, () => assert.equal(isPlain(changeOf(path)), true));

  for (const path of ['src/a.ts', 'README.md', 'json.ts', 'a.py', 'style.css', 'yml', 'index.html'])
    it(`is not ${path}`, () => assert.equal(isPlain(changeOf(path)), false));
});
