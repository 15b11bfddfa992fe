import assert from 'node:assert/strict';
import { isPackageManifest, modeDanger, pathDangers } from '../../../../src/core/sync/danger.ts';
import type { DangerId } from '../../../../src/core/sync/types.ts';
import { fileNode } from './support/memory.ts';

const cases: Partial<Record<DangerId, readonly string[]>> = {
  'editor-config': [
    '.vscode/tasks.json',
    'pkg/.vscode/settings.json',
    '.VSCODE/launch.json',
    '.vsc\u200bode/x',
    '.idea/runConfigurations/a.xml',
    'my.code-workspace',
    '.vscode./tasks.json',
    'eslint.config.mjs',
    '.prettierrc.cjs',
    '.zed/tasks.json',
  ],
  'git-config': [
    '.gitattributes',
    'a/.gitattributes',
    '.gitmodules',
    '.GitModules',
    'GITMOD~1',
    '.githooks/pre-push',
    '.husky/pre-commit',
    '.pre-commit-config.yaml',
    'lefthook.yml',
    'GI7EBA~1',
  ],
  'ci-workflow': [
    '.github/workflows/ci.yml',
    '.GITHUB/Workflows/x.yaml',
    '.gitlab-ci.yml',
    '.circleci/config.yml',
    'Jenkinsfile',
    'azure-pipelines.yml',
    '.gitea/workflows/a.yml',
    '.forgejo/workflows/a.yml',
    '.github/actions/x/action.yml',
    'bitbucket-pipelines.yml',
    '.buildkite/pipeline.yml',
    '.drone.yml',
    '.woodpecker/a.yml',
    '.travis.yml',
  ],
  'agent-config': [
    'AGENTS.md',
    'sub/AGENTS.md',
    'agents.md',
    'CLAUDE.md',
    '.claude/settings.json',
    '.cursor/mcp.json',
    '.cursorrules',
    '.mcp.json',
    '.github/copilot-instructions.md',
    '.codex/config.toml',
    'GEMINI.md',
    '.agents/skills/x/SKILL.md',
  ],
  'shell-environment': [
    '.envrc',
    '.env',
    '.tool-versions',
    'mise.toml',
    '.mise.toml',
    '.mise.local.toml',
    '.devcontainer/devcontainer.json',
    '.devcontainer.json',
    '.config/mise/config.toml',
    '.bashrc',
  ],
  'build-hook': [
    '.npmrc',
    '.yarnrc',
    '.yarnrc.yml',
    '.yarn/releases/yarn-4.cjs',
    '.pnpmfile.cjs',
    'binding.gyp',
    'native/build.rs',
    '.cargo/config.toml',
    'gradle/wrapper/gradle-wrapper.jar',
    'build.gradle.kts',
    'init.gradle',
    '.mvn/extensions.xml',
    'Directory.Build.props',
    'sitecustomize.py',
  ],
};

describe('what runs by itself', () => {
  for (const [id, paths] of Object.entries(cases)) {
    for (const path of paths) {
      it(`sets apart ${JSON.stringify(path)} as ${id}`, () => {
        const found = pathDangers(path);
        assert.ok(
          found.some((danger) => danger.id === id),
          JSON.stringify(found),
        );
        for (const { reason } of found) assert.match(reason, /^[A-Z].+\.$/);
      });
    }
  }

  const harmless = [
    'src/index.ts',
    'README.md',
    'Makefile',
    'conftest.py',
    'setup.py',
    'test/ci.ts',
    'docs/agents/intro.md',
    'vscode/tasks.json',
    '.gitignore',
    'src/build.ts',
    'workflows/a.yml',
    'package.json',
    'src/npmrc.ts',
    'Dockerfile',
  ];
  for (const path of harmless) it(`lets ${path} be`, () => assert.deepEqual(pathDangers(path), []));

  it('knows a package.json in any spelling', () => {
    for (const path of ['package.json', 'a/Package.JSON', 'a/package.json.'])
      assert.equal(isPackageManifest(path), true);
    for (const path of ['package-lock.json', 'my-package.json']) assert.equal(isPackageManifest(path), false);
  });

  it('sets apart a file of ours that becomes a program, not a new one', () => {
    assert.equal(modeDanger(fileNode('a'), fileNode('a', true))?.id, 'executable-bit');
    assert.equal(modeDanger('absent', fileNode('a', true)), undefined);
    assert.equal(modeDanger(fileNode('a', true), fileNode('b', true)), undefined);
  });
});
