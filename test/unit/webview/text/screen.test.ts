import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Screen, type ScreenLimits } from '../../../../src/webview/text/screen.ts';

const esc = '\u001b';

function screenOf(...chunks: string[]): Screen {
  const screen = new Screen();
  for (const chunk of chunks) screen.feed(chunk);
  return screen;
}

function textOf(screen: Screen): string {
  return screen.lines.map(({ runs }) => runs.map(({ text }) => text).join('')).join('\n');
}

const text = (...chunks: string[]): string => textOf(screenOf(...chunks));

describe('the screen of a command', () => {
  it('turns colours and weights into class names', () => {
    const [line] = screenOf(`${esc}[1;31mred${esc}[22;39m plain ${esc}[38;5;10mbright${esc}[0m`).lines;
    assert.deepEqual(line?.runs, [
      { text: 'red', style: 'ansi-bold ansi-front-1' },
      { text: ' plain ', style: '' },
      { text: 'bright', style: 'ansi-front-10' },
    ]);
  });

  it('maps true colours to the nearest of the theme', () => {
    const [line] = screenOf(`${esc}[38;2;250;10;10mx${esc}[48:2:0:0:120my`).lines;
    assert.deepEqual(
      line?.runs.map(({ style }) => style),
      ['ansi-front-9', 'ansi-front-9 ansi-back-4'],
    );
  });

  const dropped: Readonly<Record<string, string>> = {
    'a title': `${esc}]0;rm -rf /\u0007`,
    'a link': `${esc}]8;;command:evil${esc}\\`,
    'a clipboard write': `${esc}]52;c;ZXZpbA==\u0007`,
    'a device control string': `${esc}Pq#0;2;0;0;0${esc}\\`,
    'an application command': `${esc}_Ga=T;AAAA${esc}\\`,
    'cursor moves': `${esc}[2J${esc}[10;10H${esc}[5A`,
    'private modes': `${esc}[?1049h${esc}[?25l`,
    'a character set': `${esc}(0${esc})B`,
    'a reset': `${esc}c`,
    'a bell': '\u0007',
    'a colour that is none': `${esc}[38;5;999m${esc}[99999m${esc}[;;;m${esc}[38;2m`,
    'a query with letters': `${esc}[>4;2m`,
  };
  for (const [name, sequence] of Object.entries(dropped)) {
    it(`drops ${name}`, () => assert.equal(text(`a${sequence}b`), 'ab'));
  }

  it('reads a sequence that is cut anywhere', () => {
    const output = `a${esc}[1;32mb${esc}]0;title\u0007c${esc}[0m\nd`;
    const whole = screenOf(output);
    for (let cut = 0; cut <= output.length; cut++) {
      assert.deepEqual(screenOf(output.slice(0, cut), output.slice(cut)).lines, whole.lines);
    }
  });

  it('shows text again after a control string without end', () => {
    assert.ok(text(`${esc}]0;${'x'.repeat(9_000)}`, 'seen').endsWith('seen'));
  });

  it('ends a broken sequence at the first character that cannot be its own', () => {
    assert.equal(text(`${esc}[31\u00e9seen`), '\u00e9seen');
    assert.ok(text(`${esc}[${'1;'.repeat(500)}mseen`).endsWith('seen'));
  });

  it('lets a returning line begin again, and keeps it before a newline', () => {
    assert.equal(text('10 %\r20 %\r', '30 %'), '30 %');
    assert.equal(text('kept\r\nnext'), 'kept\nnext');
    assert.equal(text(`busy\r${esc}[Kdone`), 'done');
    assert.equal(text('ab\b\bx'), 'x');
  });

  it('names what reorders or hides', () => assert.equal(text('a\u202eb'), 'a<U+202E>b'));

  it('says what an overlong line leaves out', () => {
    const screen = screenOf('x'.repeat(5_000));
    assert.equal(screen.lines[0]?.length, 2_000);
    assert.equal(screen.lines[0].cut, 3_000);
  });

  it('keeps to its limits, counts every byte, and tells which lines changed', () => {
    const limits: ScreenLimits = { lines: 5, characters: 40, lineCharacters: 10 };
    const piece = fc.constantFrom(
      'a',
      '\n',
      'word ',
      '\r',
      '\b',
      `${esc}[3`,
      '1m',
      `${esc}]`,
      '\u0007',
      'é',
      '🎉',
      '\u202e',
      'x'.repeat(30),
    );
    const chunk = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const screen = new Screen(limits);
        let drawn: string[] = [];
        for (const output of chunks) {
          const { dropped: gone, changed } = screen.feed(output);
          const now = screen.lines.map((line) => JSON.stringify(line.runs));
          drawn = [...drawn.slice(gone).slice(0, changed), ...now.slice(changed)];
          assert.deepEqual(drawn, now);
          assert.ok(screen.lines.length <= limits.lines);
          assert.equal(
            screen.bytes,
            screen.lines.reduce((sum, { bytes }) => sum + bytes, 0),
          );
        }
        if (screen.lines.length < limits.lines && chunks.join('').length < 40) {
          assert.equal(screen.bytes, Buffer.byteLength(chunks.join('')));
        }
      }),
    );
  });
});
