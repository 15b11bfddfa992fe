import assert from 'node:assert/strict';
import { parseMarkdown, type Block } from '../../../../src/webview/text/markdown.ts';

function html(text: string): string {
  return parseMarkdown(text)
    .map((block) => (block.kind === 'markup' ? block.html() : ''))
    .join('');
}

const shapes = (blocks: readonly Block[]): string[] => blocks.map(({ kind }) => kind);

describe('the markdown of a message', () => {
  it('is split into blocks that can be drawn apart', () => {
    assert.deepEqual(shapes(parseMarkdown('# A\n\ntext\n\n```js\nlet a\n```\n\n- x\n- y\n')), [
      'markup',
      'markup',
      'code',
      'markup',
    ]);
  });

  it('keeps earlier blocks as they are while it grows', () => {
    const sources = (text: string): unknown[] => parseMarkdown(text).map((block) => ({ ...block, html: undefined }));
    const [before, after] = [sources('# A\n\nfirst\n\nsec'), sources('# A\n\nfirst\n\nsecond *one*\n\nthird')];
    assert.deepEqual(after.slice(0, 2), before.slice(0, 2));
  });

  it('draws an earlier block again when a definition makes a link of it', () => {
    const [before] = parseMarkdown('see [the page]');
    const [after] = parseMarkdown('see [the page]\n\n[the page]: https://a.example\n');
    assert.ok(before?.kind === 'markup' && after?.kind === 'markup');
    assert.notEqual(before.source, after.source);
    assert.match(after.html(), /href="https:\/\/a\.example"/);
  });

  const escaped = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<form action=x>',
    '<style>*{}</style>',
    '<a id=x name=y>',
    '<!-- x -->',
  ];
  for (const tag of escaped) {
    it(`shows ${tag} as text`, () => assert.doesNotMatch(html(`before ${tag} after\n\n${tag}\n`), /<(?!\/?p>)/));
  }

  const unlinked = [
    '[a](javascript:alert(1))',
    '[a](command:x)',
    '[a](data:text/html,x)',
    '<javascript:alert(1)>',
    '[a](//evil.example)',
    '[x]\n\n[x]: vscode://a',
  ];
  for (const text of unlinked)
    it(`makes no link of ${JSON.stringify(text)}`, () => assert.doesNotMatch(html(text), /<a/));

  it('loads no picture', () => {
    const drawn = html('![a cat](https://evil.example/?secret "t") ![x](data:image/png;base64,AAAA)');
    assert.doesNotMatch(drawn, /<img/);
    assert.match(drawn, /<a href="https:\/\/evil\.example\/\?secret">Picture not loaded: a cat<\/a>/);
  });

  it('puts its headings below those of the page', () => {
    assert.equal(html('# A'), '<h3>A</h3>');
    assert.equal(html('###### A'), '<h6>A</h6>');
  });

  it('writes no style, but where a column stands', () => {
    assert.doesNotMatch(html('| a |\n|--:|\n| 1 |'), /style=/);
    assert.match(html('| a |\n|--:|\n| 1 |'), /<td class="to-right">/);
  });

  it('names what reorders letters, in prose and in code', () => {
    assert.match(html('a\u202eb `c\u200bd`'), /a&lt;U\+202E&gt;b <code>c&lt;U\+200B&gt;d<\/code>/);
  });

  it('gives a language one harmless word', () => {
    const [block] = parseMarkdown('```js" onload="x {1,2}\nx\n```');
    assert.equal(block?.kind === 'code' && block.language, 'js"');
  });

  it('draws overlong blocks as plain text, and says what it leaves out', () => {
    assert.deepEqual(shapes(parseMarkdown('*a* '.repeat(5_000))), ['plain']);
    const blocks = parseMarkdown('word\n\n'.repeat(100_000));
    const last = blocks.at(-1);
    assert.ok(last?.kind === 'plain' && last.text === '340,000 more characters are not shown.');
  });

  it('formats nothing inside an overlong paragraph, whatever it is made of', () => {
    assert.doesNotMatch(html('https://a.example/ '.repeat(300)), /<a/);
  });
});
