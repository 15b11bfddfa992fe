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
    ['pyproject.toml', '[tool.pdm.scripts]\ntest = "pytest"\n', false],
    ['pyproject.toml', '[tool.pdm.scripts]\npost_install = "evil"\n', true],
    ['pyproject.toml', '[tool.pdm.scripts]\npre_lock.shell = "evil"\n', true],
    ['tsconfig.json', '{"compilerOptions":{"strict":true,"plugins":[{"name":"next"}]}}', false],
    ['tsconfig.json', '{"extends":"ts-node/node16/tsconfig.json","compilerOptions":{"types":[]}}', false],
    ['tsconfig.json', '{"vueCompilerOptions":{"target":3.5}}', false],
    ['tsconfig.json', '{"vueCompilerOptions":{"plugins":["./evil.js"]}}', true],
    ['web/tsconfig.app.json', "{'vueCompilerOptions': {'target': 3, 'plugins': ['./evil.js']}}", true],
    ['base.tsconfig.json', '{"vueCompilerOptions":{"\\u0070lugins":["./evil.js"]}}', true],
    ['jsconfig.json', '{"ts-node":{"require":["./evil.js"]}}', true],
    ['tsconfig.json', '{"ts-node":{"compiler":"./evil.js"}}', true],
    ['tsconfig.json', '{"ts-node":{"transpileOnly":true},"compilerOptions":{}}', false],
    ['data.json', '{"vueCompilerOptions":{"plugins":["./evil.js"]}}', false],
    ['notes.txt', 'build = 1', false],
  ];
  for (const [path, text, isDangerous] of saying) {
    it(`${isDangerous ? 'sets apart' : 'lets be'} ${path} that says ${JSON.stringify(text)}`, () =>
      assert.equal(contentDanger(path, bytesOf(text)) !== undefined, isDangerous));
  }

  it('reads UTF-16, as TypeScript does', () => {
    const wide = Buffer.from('\ufeff{"vueCompilerOptions":{"plugins":["./evil.js"]}}', 'utf16le');
    assert.equal(contentDanger('tsconfig.json', wide)?.id, 'editor-config');
  });
});

describe('where a lock file takes packages from', () => {
  const npm = (...from: string[]) =>
    JSON.stringify({
      packages: Object.fromEntries(
        from.map((resolved, at) => [`node_modules/${at}`, { resolved, funding: { url: 'https://sponsor.example' } }]),
      ),
    });
  const public_ = 'https://registry.npmjs.org/a/-/a-1.0.0.tgz';
  const own = 'https://npm.corp.example/a/-/a-1.0.0.tgz';
  const evil = 'https://evil.example/a-1.0.0.tgz';
  const rows: readonly (readonly [path: string, base: string | undefined, theirs: string, isDangerous: boolean])[] = [
    ['package-lock.json', npm(public_), npm(public_, public_), false],
    ['package-lock.json', npm(own), npm(own, own, public_), false],
    ['package-lock.json', undefined, npm(public_), false],
    ['package-lock.json', npm(public_), npm(public_, evil), true],
    ['package-lock.json', undefined, npm(own), true],
    ['package-lock.json', npm(public_), npm('git+ssh://git@evil.example/a/b.git#1'), true],
    ['package-lock.json', npm(public_), npm('git+ssh://git@github.com/a/b.git#1'), true],
    ['package-lock.json', npm(public_), npm('github:a/b#1'), true],
    ['package-lock.json', npm(public_), npm('file:evil.tgz'), true],
    ['package-lock.json', npm(public_), npm(evil).replace('https', '\\u0068ttps'), true],
    ['package-lock.json', npm(public_), npm(evil).replaceAll('/', '\\/'), true],
    ['package-lock.json', npm(public_), `${npm(public_)} <<<`, true],
    [
      'npm-shrinkwrap.json',
      npm(public_),
      npm(public_).replace('{', '{"deprecated":"see https://evil.example",'),
      false,
    ],
    [
      'package-lock.json',
      npm(public_),
      npm(public_).replace('{', '{"x":"\\"funding\\":{","resolved":"https://e.example",'),
      true,
    ],
    ['yarn.lock', 'a@1:\n  resolved "https://registry.yarnpkg.com/a.tgz#1"\n', `a@1:\n  resolved "${evil}#1"\n`, true],
    ['yarn.lock', '"a@npm:1":\n  resolution: "a@npm:1"\n', `"a@${evil}":\n  resolution: "a@${evil}"\n`, true],
    ['pnpm-lock.yaml', 'x', `    resolution: {tarball: ${evil}}\n`, true],
    ['pnpm-lock.yaml', 'x', `    resolution: {tarball: "\\x68ttps://evil.example/a.tgz"}\n`, true],
    ['pnpm-lock.yaml', 'x', '    deprecated: see https://evil.example\n', false],
    ['Cargo.lock', undefined, 'source = "registry+https://github.com/rust-lang/crates.io-index"\n', false],
    ['Cargo.lock', undefined, 'source = "git+https://github.com/a/b#1"\n', true],
    ['Gemfile.lock', 'GEM\n  remote: https://rubygems.org/\n', 'GEM\n  remote: https://evil.example/\n', true],
    ['poetry.lock', '', 'files = [{file = "a.whl", hash = "sha256:1"}]\n', false],
    ['uv.lock', '', 'source = { registry = "https://pypi.org/simple" }\n', false],
    ['uv.lock', '', 'source = { url = "HTTPS://EVIL.example:8/a.whl" }\n', true],
    ['Pipfile.lock', undefined, '{"_meta":{"sources":[{"url":"https://pypi.org/simple"}]}}', false],
    [
      'composer.lock',
      '{"dist":{"url":"https://api.github.com/repos/a/b"}}',
      '{"dist":{"url":"https://evil.example/a.zip"}}',
      true,
    ],
    ['Pipfile.lock', undefined, '{"default":{"license":{"file":"https://evil.example/a.whl"}}}', true],
    ['package-lock.json', undefined, '{"dependencies":{"license":{"resolved":"https://evil.example/a.tgz"}}}', true],
    ['package-lock.json', undefined, `{"resolved":"https:\\\\\\\\evil.example\\\\@registry.npmjs.org/a.tgz"}`, true],
    ['bun.lock', 'x', '"a": ["a@1", "https://evil.example/a.tgz", {}],\n', true],
    ['requirements.txt', 'requests==2\n', 'requests==2\nurllib3==2\n', false],
    ['requirements.txt', 'requests==2\n', '--extra-index-url https://evil.example/simple\nrequests==2\n', true],
    ['yarn.md', '', evil, false],
  ];
  for (const [path, base, theirs, isDangerous] of rows) {
    it(`${isDangerous ? 'sets apart' : 'lets be'} ${path} that says ${theirs.trim()}`, () => {
      const found = contentDanger(path, bytesOf(theirs), base === undefined ? undefined : bytesOf(base));
      assert.equal(found?.id, isDangerous ? 'install-hook' : undefined);
    });
  }

  it('names the new places', () =>
    assert.match(
      contentDanger('package-lock.json', bytesOf(npm(evil)), bytesOf(npm(public_)))?.reason ?? '',
      /evil\.example/,
    ));
});
