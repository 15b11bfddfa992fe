import assert from 'node:assert/strict';
import { hostInDisguise, parseTarget } from '../../../../src/webview/text/links.ts';

describe('the target of a link', () => {
  it('leads to the web by http and https', () => {
    assert.deepEqual(parseTarget('https://nodejs.org/api?a=1#b'), {
      kind: 'web',
      href: 'https://nodejs.org/api?a=1#b',
    });
    assert.deepEqual(parseTarget('HTTP://Example.com'), { kind: 'web', href: 'http://example.com/' });
  });

  it('leads to a file by a relative path, without its place', () => {
    for (const href of ['src/a.ts', './src/a.ts', 'src/a.ts#L10-L12', 'src/a.ts:10:2', 'src%2Fa.ts']) {
      assert.deepEqual(parseTarget(href), { kind: 'file', path: 'src/a.ts' }, href);
    }
    assert.deepEqual(parseTarget('my%20notes.md'), { kind: 'file', path: 'my notes.md' });
  });

  const none = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'command:workbench.action.quit',
    'command%3Aworkbench.action.quit',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'vscode://x/y',
    'vscode-resource:/x',
    'blob:x',
    'mailto:a@b.c',
    'about:blank',
    '//evil.com/x',
    '/etc/passwd',
    '\\\\server\\share',
    '../../etc/passwd',
    'a/../../b',
    'a/%2e%2e/b',
    'C:\\x',
    'c:/x',
    '#top',
    '',
    ' ',
    '%',
    'https://',
    'https://user:secret@good.com/',
    'http://[',
    `https://a.b/${'x'.repeat(5_000)}`,
    'a\u0000b',
  ];
  for (const href of none) {
    it(`is none for ${JSON.stringify(href.slice(0, 50))}`, () => assert.equal(parseTarget(href), undefined));
  }
});

describe('a link whose words look like another address', () => {
  const to = (href: string): Parameters<typeof hostInDisguise>[1] => ({ kind: 'web', href });

  it('tells its true host', () => {
    assert.equal(hostInDisguise('https://github.com/login', to('https://evil.example/x')), 'evil.example');
    assert.equal(hostInDisguise('github.com', to('https://github.com.evil.example/')), 'github.com.evil.example');
    assert.equal(hostInDisguise('www.github.com', to('https://evil.example/')), 'evil.example');
    assert.equal(hostInDisguise('gіthub.com', to('https://github.com/')), 'github.com');
    assert.equal(hostInDisguise('127.0.0.1:3000', to('https://evil.example/')), 'evil.example');
  });

  it('needs nothing where words and host agree, or where words are words', () => {
    assert.equal(hostInDisguise('https://github.com/a', to('https://github.com/b')), undefined);
    assert.equal(hostInDisguise('github.com', to('https://www.github.com/')), undefined);
    assert.equal(hostInDisguise('the manual', to('https://nodejs.org/')), undefined);
    assert.equal(hostInDisguise('a.b', { kind: 'file', path: 'a.b' }), undefined);
  });
});
