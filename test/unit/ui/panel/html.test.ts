import assert from 'node:assert/strict';
import { contentPolicy, panelHtml } from '../../../../src/ui/panel/html.ts';

const assets = {
  source: 'https://*.vscode-cdn.net',
  script: 'https://x/main.js',
  styles: ['https://x/a.css'],
  nonce: 'bm9uY2U',
};

describe("the panel's page", () => {
  it('allows one script, our styles and our font, and nothing else', () => {
    assert.deepEqual(contentPolicy(assets).split('; '), [
      "default-src 'none'",
      "script-src 'nonce-bm9uY2U'",
      'style-src https://*.vscode-cdn.net',
      'font-src https://*.vscode-cdn.net',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types dompurify',
    ]);
  });

  it('says its policy before anything is loaded, its language and its title', () => {
    const html = panelHtml(assets);
    assert.ok(html.indexOf('Content-Security-Policy') < html.indexOf('<link'));
    assert.match(html, /<html lang="en">/);
    assert.match(html, /<title>Airlock<\/title>/);
    assert.equal(html.match(/<script /g)?.length, 1);
  });

  it('escapes every address', () => {
    const html = panelHtml({ ...assets, script: 'https://x/"><script>alert(1)</script>', styles: ['a"b<c>&'] });
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.match(html, /href="a&quot;b&lt;c&gt;&amp;"/);
  });
});
