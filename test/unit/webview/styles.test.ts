import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../../src/webview/styles/', import.meta.url);

describe("the page's styles", () => {
  for (const name of readdirSync(folder)) {
    it(`${name} takes every colour from the theme`, () => {
      const css = readFileSync(new URL(name, folder), 'utf8').replace(/\/\*[^]*?\*\//g, '');
      assert.doesNotMatch(css, /#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|color)\(|url\(/i);
      const paints = [...css.matchAll(/(?:^|[\s;{])(?:color|background|border(?:-\w+)?-color):\s*([^;]+);/g)].map(
        (match) => match[1] ?? '',
      );
      assert.deepEqual(
        paints.filter((value) => !/^(?:var\(--|transparent$|inherit$)/.test(value)),
        [],
      );
    });
  }
});
