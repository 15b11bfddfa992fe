import assert from 'node:assert/strict';
import { parseDiff } from '../../../../src/webview/text/diff.ts';

const kinds = (text: string): string[] => parseDiff(text).lines.map(({ kind }) => kind);

describe('a diff', () => {
  it('tells apart what came, went and stayed', () => {
    const diff = parseDiff('--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n+more\n');
    assert.deepEqual(
      diff.lines.map(({ kind }) => kind),
      ['file', 'file', 'place', 'context', 'removed', 'added', 'added'],
    );
    assert.deepEqual([diff.added, diff.removed, diff.left], [2, 1, 0]);
  });

  it('does not take a removed comment for the name of a file', () => {
    assert.deepEqual(kinds('@@\n--- old comment\n+-- new comment\n+++ counter'), [
      'place',
      'removed',
      'added',
      'added',
    ]);
  });

  it('reads the patch text of coding models', () => {
    assert.deepEqual(kinds('*** Update File: a.js\n@@ function\n-a\n+b'), ['file', 'place', 'removed', 'added']);
  });

  it('names what reorders the letters of code', () => {
    assert.equal(parseDiff('+if (a) { /* \u2066 */').lines[0]?.text, '+if (a) { /* <U+2066> */');
  });

  it('says how much it leaves out, and counts it', () => {
    const diff = parseDiff('+x\n'.repeat(1_000));
    assert.deepEqual([diff.lines.length, diff.left, diff.added], [600, 400, 1_000]);
    assert.ok((parseDiff(`+${'y'.repeat(50_000)}`).lines[0]?.text.length ?? 0) < 2_100);
  });
});
