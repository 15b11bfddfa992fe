import assert from 'node:assert/strict';
import fc from 'fast-check';
import { linksIn } from '../../../../src/core/terminal/links.ts';

const said = (line: string) =>
  linksIn(line).map(({ start, length, target }) => {
    const text = line.slice(start, start + length);
    return target.kind === 'guest' ? `${text} -> guest ${target.port}` : `${text} -> ${target.kind}`;
  });

describe('links in a line of a terminal', () => {
  const found: Readonly<Record<string, readonly string[]>> = {
    'nothing to follow here: example.com, ftp://x/y, vscode://a/b': [],
    '  ➜  Local:   http://localhost:5173/': ['http://localhost:5173/ -> guest 5173'],
    'see https://example.com/a_(b), (https://example.com/c) and [https://d.example].': [
      'https://example.com/a_(b) -> web',
      'https://example.com/c -> web',
      'https://d.example -> web',
    ],
    'http://127.0.0.1:8000/x?y=1#z. http://[::1]:3000! http://0.0.0.0 https://app.localhost': [
      'http://127.0.0.1:8000/x?y=1#z -> guest 8000',
      'http://[::1]:3000 -> guest 3000',
      'http://0.0.0.0 -> guest 80',
      'https://app.localhost -> guest 443',
    ],
    'http://0x7f.1:9/ http://2130706433/ http://[::ffff:127.0.0.1]:5/': [
      'http://0x7f.1:9/ -> guest 9',
      'http://2130706433/ -> guest 80',
      'http://[::ffff:127.0.0.1]:5/ -> guest 5',
    ],
    'http://localhost.evil.example/ http://127.0.0.1.evil.example/ http://user@localhost:1/': [
      'http://localhost.evil.example/ -> web',
      'http://127.0.0.1.evil.example/ -> web',
      'http://user@localhost:1/ -> guest 1',
    ],
    'file:///etc/passwd "https://q.example/" http://': ['file:///etc/passwd -> file', 'https://q.example/ -> web'],
  };
  for (const [line, expected] of Object.entries(found)) {
    it(`finds ${expected.length} in ${line}`, () => assert.deepEqual(said(line), expected));
  }

  it('looks only so far', () => {
    assert.equal(linksIn('http://a.example '.repeat(1000)).length, 50);
    assert.deepEqual(linksIn(`${' '.repeat(9000)}http://a.example`), []);
    assert.equal(linksIn(`http://a.example/${')'.repeat(8000)}`).length, 1);
  });

  it('answers for any line, with places inside it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const line = `${before} http://${after}`;
        for (const { start, length } of linksIn(line)) assert.ok(length > 0 && start + length <= line.length);
      }),
    );
  });
});
