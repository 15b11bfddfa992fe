import assert from 'node:assert/strict';
import { TerminalFilter } from '../../../../src/core/terminal/filter.ts';

const shown = (text: string) => {
  const filter = new TerminalFilter();
  return filter.push(Buffer.from(text)) + filter.end();
};

describe('hyperlinks in a terminal', () => {
  const link = (target: string, text: string) => `\u001b]8;id=1;${target}\u0007${text}\u001b]8;;\u0007`;

  it('have their true target written behind them', () => {
    assert.equal(shown(`${link('https://example.com/a', 'docs')}.`), 'docs (https://example.com/a).');
    assert.equal(shown(link('http://localhost:3000/', 'app')), 'app (http://localhost:3000/)');
    assert.equal(
      shown(link('https://evil.example/', 'https://good.example/')),
      'https://good.example/ (https://evil.example/)',
    );
    assert.equal(shown(link('https://bücher.example', 'x')), 'x (https://xn--bcher-kva.example/)');
  });

  it('are not said twice where the text is the target', () => {
    assert.equal(shown(link('https://example.com/', 'https://example.com')), 'https://example.com');
  });

  it('lead nowhere but to the web', () => {
    for (const target of [
      'file:///etc/passwd',
      'command:x',
      'vscode://x/y',
      'javascript:1',
      'mailto:a@b',
      'x',
      'https://',
      `https://e/${'x'.repeat(3000)}`,
    ]) {
      assert.equal(shown(link(target, 'text')), 'text', target);
    }
  });

  it('end with the line, with the next link and with the output', () => {
    assert.equal(shown('\u001b]8;;https://a.example/\u0007one\ntwo'), 'one (https://a.example/)\ntwo');
    assert.equal(
      shown('\u001b]8;;https://a.example/\u0007one\u001b]8;;https://b.example/\u0007two'),
      'one (https://a.example/)two (https://b.example/)',
    );
  });

  it('do not disturb the layout of a full-screen program', () => {
    assert.equal(shown(`\u001b[?1049h${link('https://a.example/', 'a')}\u001b[?1049l`), '\u001b[?1049ha\u001b[?1049l');
    assert.equal(
      shown(`\u001b[?1049h\u001b[?1049l${link('https://a.example/', 'a')}`),
      '\u001b[?1049h\u001b[?1049la (https://a.example/)',
    );
  });
});
