import assert from 'node:assert/strict';
import { contentDanger } from '../../../../src/core/sync/dangerContent.ts';
import { bytesOf } from './support/memory.ts';

describe('what a manifest makes tools run', () => {
  const saying: readonly (readonly [path: string, text: string, isDangerous: boolean])[] = [
    ['Cargo.toml', '[package]\nname = "a"\n[dependencies]\nserde = "1"\n', false],
    ['Cargo.toml', '[package]\nbuild = "x.rs"\n', true],
    ['Cargo.toml', '[package]\n"b\\u0075ild" = "x.rs"\n', true],
    ['a/cargo.toml', '[lib]\nproc-macro = true\n', true],
    ['pyproject.toml', '[project]\nname = "a"\ndependencies = ["x"]\n', false],
    ['pyproject.toml', '[build-system]\nbuild-backend = "evil"\nbackend-path = ["."]\n', true],
    ['pyproject.toml', '[tool.pylint.main]\ninit-hook = "evil"\n', true],
    ['setup.cfg', '[mypy]\nplugins = ./evil.py\n', true],
    ['composer.json', '{"require":{"a/b":"1"}}', false],
    ['composer.json', '{"scripts":{"post-install-cmd":"evil"}}', true],
    ['notes.txt', 'build = 1', false],
  ];
  for (const [path, text, isDangerous] of saying) {
    it(`${isDangerous ? 'sets apart' : 'lets be'} ${path} that says ${JSON.stringify(text)}`, () =>
      assert.equal(contentDanger(path, bytesOf(text)) !== undefined, isDangerous));
  }
});
