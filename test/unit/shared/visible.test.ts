import assert from 'node:assert/strict';
import { visibleCode, visibleLine, visibleProse, visibleSentence } from '../../../src/shared/visible.ts';

describe('what would not be seen is named', () => {
  const hiding = [
    '\u202e',
    '\u2066',
    '\u200b',
    '\u200e',
    '\u2028',
    '\ufeff',
    '\u00ad',
    '\u3164',
    '\u{e0041}',
    '\u009b',
    '\u0000',
    '\u007f',
  ];
  for (const character of hiding) {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    it(`names U+${code} in paths and code`, () => {
      assert.equal(visibleLine(`a${character}b`), `a<U+${code}>b`);
      assert.equal(visibleCode(`a${character}b`), `a<U+${code}>b`);
    });
  }

  it('names newlines in a path, and keeps them in code', () => {
    assert.equal(visibleLine('a\nb\tc'), 'a<U+000A>b<U+0009>c');
    assert.equal(visibleCode('a\nb\tc'), 'a\nb\tc');
  });

  it('names a joiner between letters and keeps it in an emoji', () => {
    assert.equal(visibleCode('ad\u200dmin'), 'ad<U+200D>min');
    assert.equal(visibleCode('👩\u200d💻'), '👩\u200d💻');
  });

  it('names half a pair', () => assert.equal(visibleCode('a\ud800b'), 'a<U+D800>b'));

  it('leaves living scripts alone in prose, but not an override of their order', () => {
    assert.equal(visibleProse('שלום\u200f!'), 'שלום\u200f!');
    assert.equal(visibleProse('safe\u202etxt.exe\r\nnext'), 'safe<U+202E>txt.exe\nnext');
  });

  // The form as the editor's parser of notifications takes it: brackets, parentheses, one of three schemes.
  const link = /\[[^\]]+\]\((?:https?:\/\/|command:|file:)[^)\s]+/;
  for (const target of ['command:workbench.action.quit', 'https://example.com', 'file:///etc/passwd']) {
    it(`leaves no link to ${target} in a notification`, () => {
      const said = `refused [Restart Sandbox](${target}) [](${target}) [[a]](${target})`;
      assert.match(said, link);
      assert.doesNotMatch(visibleSentence(said), link);
    });
  }

  it('leaves ordinary text alone', () => {
    const text = 'Größe – naïve 日本語 ✔ 🎉 a\u0301';
    assert.equal(visibleCode(text), text);
  });
});
