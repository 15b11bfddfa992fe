import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TerminalFilter } from '../../../../src/core/terminal/filter.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const shown = (text: string | Uint8Array) => {
  const filter = new TerminalFilter();
  return filter.push(typeof text === 'string' ? bytes(text) : text) + filter.end();
};
const titleOf = (text: string) => {
  const filter = new TerminalFilter();
  filter.push(bytes(text));
  return filter.title;
};

describe('the terminal filter', () => {
  const harmless: Readonly<Record<string, string>> = {
    'plain text': 'plain text\r\n',
    'a byte order mark': '\ufefftext',
    unicode: 'ünïcödé 🚀 日本 e\u0301',
    colours: '\u001b[1;31mred\u001b[0m\u001b[38;2;255;128;0;48;5;17;4:3mx\u001b[m',
    'cursor and erasing': '\u001b[2J\u001b[H\u001b[999;999H\u001b[3A\u001b[K\u001b[?2K\u001b[5X\u001b[6d\u001b[7G',
    'lines and characters': '\u001b[3L\u001b[2M\u001b[4P\u001b[2@\u001b[3S\u001b[2T\u001b[5b\u001b[1;20r',
    'the alternate screen, cursor, paste': '\u001b[?1049h\u001b[?25l\u001b[?2004h\u001b[?1;7;12h\u001b[?1049l',
    mouse: '\u001b[?1000h\u001b[?1002h\u001b[?1006h\u001b[?1006l',
    'cursor style and soft reset': '\u001b[4 q\u001b[!p',
    'insert mode': '\u001b[4h\u001b[4l',
    'character sets, save and restore': '\u001b(B\u001b)0\u001b7\u001b8\u001b=\u001b>\u001bM\u001bD\u001bE\u000e\u000f',
    'a reset': '\u001bc',
    'bell, backspace, tab': '\u0007\b\t\v\f',
  };
  for (const [name, text] of Object.entries(harmless)) {
    it(`lets through ${name}`, () => assert.equal(shown(text), text));
  }

  const stripped: Readonly<Record<string, readonly string[]>> = {
    'the clipboard': [
      '\u001b]52;c;c2VjcmV0\u0007',
      '\u001b]52;c;?\u001b\\',
      '\u009d52;c;c2VjcmV0\u009c',
      '\u001b]52;;x\u009c',
    ],
    'titles, from the text': ['\u001b]0;You have mail\u0007', '\u001b]2;x\u001b\\', '\u001b]1;icon\u0007'],
    'the working folder': [
      '\u001b]7;file:///etc\u0007',
      '\u001b]9;9;/etc\u0007',
      '\u001b]633;P;Cwd=/etc\u0007',
      '\u001b]1337;CurrentDir=/etc\u0007',
    ],
    'shell integration': [
      '\u001b]633;A\u0007',
      '\u001b]633;E;rm -rf ~;nonce\u0007',
      '\u001b]133;C\u0007',
      '\u001b]1337;SetMark\u0007',
      '\u001b]633;SetMark;Id=1\u0007',
    ],
    'notifications and progress': [
      '\u001b]9;hello\u0007',
      '\u001b]777;notify;a;b\u0007',
      '\u001b]9;4;1;50\u0007',
      '\u001b]99;;x\u001b\\',
    ],
    'the palette, and questions about it': [
      '\u001b]4;1;red\u0007',
      '\u001b]4;1;?\u0007',
      '\u001b]10;?\u001b\\',
      '\u001b]11;?\u0007',
      '\u001b]12;?\u0007',
      '\u001b]104\u0007',
    ],
    'files and pictures': [
      '\u001b]1337;File=inline=1:AAAA\u0007',
      '\u001bPq#0;2;0;0;0~-\u001b\\',
      '\u001b_Gf=24;AAAA\u001b\\',
    ],
    'device attributes': ['\u001b[c', '\u001b[0c', '\u001b[>c', '\u001b[>0c', '\u001b[=c', '\u001bZ', '\u009bc'],
    'status reports': ['\u001b[5n', '\u001b[6n', '\u001b[?6n', '\u001b[?15n', '\u001b[?996n'],
    'questions about modes': [
      '\u001b[?2026$p',
      '\u001b[4$p',
      '\u001b[?4m',
      '\u001b[?u',
      '\u001b[x',
      '\u001b[1$w',
      '\u001b[1;1;1;1;1;1*y',
    ],
    'the name and version': ['\u001b[>q', '\u001b[>0q', '\u0005'],
    'device control': ['\u001bP$q"p\u001b\\', '\u0090$qm\u009c', '\u001bP+q544e\u001b\\', '\u001bP1000p%begin\u001b\\'],
    'application, privacy and other strings': [
      '\u001b_x\u001b\\',
      '\u001b^x\u001b\\',
      '\u001bXx\u001b\\',
      '\u009fx\u009c',
      '\u009ex\u009c',
      '\u0098x\u009c',
    ],
    'window operations': [
      '\u001b[21t',
      '\u001b[14t',
      '\u001b[18t',
      '\u001b[8;50;100t',
      '\u001b[22;0t',
      '\u009b3;0;0t',
      '\u001b[1t',
    ],
    printing: ['\u001b[5i', '\u001b[?5i', '\u001b[i'],
    'other keyboards': [
      '\u001b[>1u',
      '\u001b[=1;1u',
      '\u001b[>4;2m',
      '\u001b[?9001h',
      '\u001b[?2048h',
      '\u001b[?2031h',
    ],
    'other widths': ['\u001b[?3h', '\u001b[?40h'],
    'coding systems': ['\u001b%@', '\u001b%G', '\u001b G'],
    'rare controls': [
      '\u0000',
      '\u0001',
      '\u0010',
      '\u0011',
      '\u0013',
      '\u007f',
      '\u0085',
      '\u0084',
      '\u009c',
      '\u008d',
    ],
    'what is not a sequence': [
      '\u001b[1;2 ;3m',
      '\u001b[<>m',
      '\u001b[1?m',
      '\u001b###8',
      '\u001b[3\u0018',
      '\u001b]0;x\u001a',
    ],
  };
  for (const [name, texts] of Object.entries(stripped)) {
    for (const text of texts)
      it(`strips ${name}: ${JSON.stringify(text)}`, () => assert.equal(shown(`a${text}b`), 'ab'));
  }

  it('keeps of several modes those that are harmless', () => {
    assert.equal(shown('\u001b[?1049;9001;25h'), '\u001b[?1049;25h');
    assert.equal(shown('\u001b[2;4h'), '\u001b[4h');
  });

  it('bounds numbers that would keep a terminal busy or are beyond any size', () => {
    for (const final of '@ILMPSTZb') assert.equal(shown(`\u001b[2147483647${final}`), `\u001b[500${final}`);
    assert.equal(shown('\u001b[99999;123456789012345678901234567890H'), '\u001b[9999;9999H');
    assert.equal(shown(`\u001b[${'1;'.repeat(200)}m`), '');
  });

  it('takes single bytes of the C1 range for broken text, never for controls', () => {
    assert.equal(shown(Buffer.from([0x9b, 0x63])), '\ufffdc');
    assert.equal(shown(Buffer.from([0x9d, 0x35, 0x32, 0x3b, 0x07])), '\ufffd52;\u0007');
    assert.equal(shown(Buffer.from([0xff, 0xc3, 0x28])), '\ufffd\ufffd(');
  });

  it('follows a terminal where one sequence begins in another', () => {
    assert.equal(shown('a\u001b]0;x\u001b]52;c;x\u0007b'), 'ab');
    assert.equal(shown('\u001b\u001b]0;x\u0007b'), 'b');
    assert.equal(shown('\u001b[31\u001b]0;x\u0007b'), 'b');
    assert.equal(shown('\u001b\u0007]52;c;x\u0007b'), '\u0007b');
    assert.equal(shown('\u001b\u007f]52;c;x\u0007b'), 'b');
    assert.equal(shown('\u001b[3\r1mb'), '\r\u001b[31mb');
    assert.equal(shown('\u001b[3\u0005\u007f1mb'), '\u001b[31mb');
    assert.equal(shown('\u001b\u009d52;c;x\u009cb'), 'b');
    assert.equal(shown('\u001b]2;x\u001b[31mb'), '\u001b[31mb');
    assert.equal(shown('\u001b[3日'), '日');
    assert.equal(shown('\u001b🚀'), '🚀');
  });

  it('swallows a string that does not end for a while, then takes what follows for text', () => {
    const mebibyte = 1024 * 1024;
    for (const start of ['\u001b]52;c;', '\u001bP', '\u001b_', '\u001bX']) {
      assert.equal(shown(`a${start}${'x'.repeat(mebibyte - 10)}`), 'a');
      assert.match(shown(`a${start}${'x'.repeat(mebibyte)}yz`), /^ax*yz$/);
    }
  });

  it('keeps a title aside, as one short line', () => {
    assert.equal(titleOf('no title'), undefined);
    assert.equal(titleOf('\u001b]0;vim notes.md\u0007'), 'vim notes.md');
    assert.equal(titleOf('\u001b]2;one\u0007\u001b]2;\u0007'), '');
    assert.equal(titleOf('\u001b]2;a\r\nb\u202ec\u0000d\u2028e\u0007'), 'a bcd e');
    assert.equal(titleOf('\u001b]2;$(error) $$(x)\u0007'), '(error) (x)');
    assert.equal(Array.from(titleOf(`\u001b]2;${'🚀'.repeat(200)}\u0007`) ?? '').length, 60);
    assert.equal(titleOf(`\u001b]2;kept\u0007\u001b]2;${'x'.repeat(5000)}\u0007`), 'kept', 'too long to be one');
    assert.equal(titleOf('\u001b]2;cancelled\u0018'), undefined);
  });
});

describe('the terminal filter, whatever comes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        '\u001b',
        ']',
        '[',
        'P',
        '_',
        '^',
        'X',
        '?',
        '>',
        '5',
        ';',
        ':',
        '8',
        '2',
        't',
        'm',
        'n',
        'c',
        'h',
        '$',
        ' ',
        'q',
      ],
      ...[
        '\u0007',
        '\\',
        '\u009d',
        '\u009b',
        '\u0090',
        '\u009c',
        '\u0018',
        '\u0005',
        '\n',
        'é',
        '🚀',
        '\u001b]8;;https://a.example/\u0007',
      ],
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const output = fc.array(piece, { maxLength: 40 }).map((pieces) => bytes(pieces.join('')));
  const anyBytes = fc.oneof(
    output,
    fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
  );

  /** Sequences that may pass, with a visible sign for ESC. */
  const allowed =
    /␛(?:\[[\d:;]*[@-HJ-MPSTXZ`abdefghlmrsuI]|\[\?[\d:;]*[hlJK]|\[[\d:;]*(?: q|!p)|[78DEHM=>cno|}~]|[()*+\-./][0-~]|#8)/g;
  const controls = new Set('\b\t\n\v\f\r\u0007\u000e\u000f');

  it('lets nothing out but text, harmless controls and allowed sequences', () => {
    fc.assert(
      fc.property(anyBytes, (chunk) => {
        const rest = shown(chunk).replaceAll('\u001b', '␛').replace(allowed, '');
        const left = Array.from(rest).filter((character) => !controls.has(character));
        assert.doesNotMatch(left.join(''), /␛|\p{Cc}/u, JSON.stringify(shown(chunk)));
      }),
      { numRuns: 2000 },
    );
  });

  it('decides alike wherever the bytes are cut', () => {
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat(60)), (whole, cuts) => {
        const filter = new TerminalFilter();
        const at = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        const parts = at.slice(1).map((end, index) => filter.push(whole.subarray(at[index], end)));
        assert.equal(parts.join('') + filter.end(), shown(whole));
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing when it is applied to what it let out', () => {
    fc.assert(
      fc.property(anyBytes, (chunk) => assert.equal(shown(shown(chunk)), shown(chunk))),
      { numRuns: 1000 },
    );
  });

  it('lets all text through', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/\p{Cc}/u.test(value));
    fc.assert(fc.property(text, (value) => assert.equal(shown(value), value)));
  });
});
