import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TerminalFilter } from '../../../src/ui/terminal/filter.ts';

/** Where a string sequence would begin for a terminal. */
const starts = [
  ...['P', 'X', ']', '^', '_'].map((letter) => `\u001b${letter}`),
  '\u0090',
  '\u0098',
  '\u009d',
  '\u009e',
  '\u009f',
];

const shown = (text: string) => new TerminalFilter().push(text);

describe('the terminal filter', () => {
  const harmless: readonly string[] = [
    'plain text\r\n',
    '\u001b[1;31mred\u001b[0m',
    '\u001b[2J\u001b[H',
    '\u001b[?1049h\u001b[?25l',
    '\u001b(B\u001b7\u001b8',
    '\u0007',
    'ünïcödé 🚀 日本',
  ];
  for (const text of harmless) {
    it(`lets ${JSON.stringify(text)} through`, () => assert.equal(shown(text), text));
  }

  const stripped: Readonly<Record<string, string>> = {
    'clipboard, BEL': '\u001b]52;c;c2VjcmV0\u0007',
    'clipboard, ST': '\u001b]52;c;c2VjcmV0\u001b\\',
    'clipboard, 8 bit': '\u009d52;c;c2VjcmV0\u009c',
    title: '\u001b]0;You have mail\u0007',
    link: '\u001b]8;;https://evil.example\u0007',
    'shell integration': '\u001b]633;E;rm -rf ~\u0007',
    'device control': '\u001bP$q"p\u001b\\',
    'application string': '\u001b_Gf=24\u001b\\',
    'privacy message': '\u001b^x\u001b\\',
    'start of string': '\u001bXx\u001b\\',
    'window operation': '\u001b[21t',
    'window operation, 8 bit': '\u009b8;50;100t',
  };
  for (const [name, text] of Object.entries(stripped)) {
    it(`strips ${name}`, () => assert.equal(shown(`a${text}b`), 'ab'));
  }

  it('strips what never ends, and what hides an escape inside', () => {
    assert.equal(shown('a\u001b]52;c;xxxx'), 'a');
    assert.equal(shown('a\u001b]0;x\u001b]52;c;x\u0007b'), 'ab');
    assert.equal(shown('\u001b\u001b]0;x\u0007b'), 'b');
    assert.equal(shown('\u001b[31\u001b]0;x\u0007b'), 'b');
    assert.equal(shown('\u001b\u0007]52;c;x\u0007b'), '\u0007b');
    assert.equal(shown('\u001b\u007f]52;c;x\u0007b'), 'b');
    assert.equal(shown('\u001b\u009d52;c;x\u009cb'), 'b');
    assert.equal(shown('\u001b[3\u0018b'), 'b');
  });

  it('decides alike wherever the chunks are cut', () => {
    const piece = fc.constantFrom(
      '\u001b',
      ']',
      '[',
      '5',
      ';',
      't',
      'm',
      '\u0007',
      '\\',
      'P',
      '\u009d',
      '\u009b',
      'é',
      '\u0018',
    );
    fc.assert(
      fc.property(fc.array(fc.array(piece)), (chunks) => {
        const filter = new TerminalFilter();
        const cut = chunks.map((chunk) => filter.push(chunk.join(''))).join('');
        assert.equal(cut, shown(chunks.flat().join('')));
      }),
    );
  });

  it('never lets the beginning of a string sequence out', () => {
    const character = fc.oneof(
      fc.constantFrom('\u001b', ']', 'P', '_', '^', 'X', '\u009d', '\u0090', '\u009b', '[', '\\', '\u0007'),
      fc.string({ minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(character), (characters) => {
        const output = shown(characters.join(''));
        for (const start of starts) assert.ok(!output.includes(start), JSON.stringify(output));
      }),
    );
  });
});
