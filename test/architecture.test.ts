import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { check } from './support/architecture/check.ts';
import { readSources, type Source } from './support/architecture/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Checks small made-up projects: path to text. */
function checkOf(files: Readonly<Record<string, string>>): string[] {
  return check(Object.entries(files).map(([path, text]): Source => ({ path, text })));
}

describe('architecture', () => {
  it('keeps the rules in every file of src and test', () => {
    const sources = readSources(root, ['src', 'test']);
    assert.ok(sources.length > 10, 'the sources were found');
    assert.deepEqual(check(sources), []);
  });
});

describe('the architecture check', () => {
  const wrongArrows: Readonly<Record<string, string>> = {
    'src/core/a.ts': '../host/b.ts',
    'src/shared/a.ts': '../core/b.ts',
    'src/ui/a.ts': '../agent/b.ts',
    'src/agent/a.ts': '../sandbox/b.ts',
    'src/sandbox/a.ts': '../host/b.ts',
    'src/host/a.ts': '../ui/b.ts',
    'src/webview/a.ts': '../core/b.ts',
    'src/extension.ts': './webview/b.ts',
    'src/ui/b.ts': '../extension.ts',
    'src/core/c.ts': '../../test/b.ts',
    'src/sandbox/process/host.ts': './inside/main.ts',
    'src/extension2.ts': './sandbox/process/keeper/main.ts',
    'src/sandbox/process/inside/a.ts': '../../../core/b.ts',
    'src/sandbox/process/keeper/a.ts': '../inside/b.ts',
    'src/sandbox/process/wire.ts': '../../core/b.ts',
    'src/sandbox/celesto/a.ts': '../smolvm/b.ts',
    'src/sandbox/common/a.ts': '../process/b.ts',
    'src/rooms/a.ts': '../core/b.ts',
  };
  for (const [path, target] of Object.entries(wrongArrows)) {
    it(`rejects ${path} -> ${target}`, () => {
      assert.equal(checkOf({ [path]: `import { b } from '${target}';` }).length, 1);
    });
  }

  it('rejects a message that passes by what takes its links out', () => {
    const text = "import { window } from 'vscode';\nvoid window.showErrorMessage('no');";
    assert.equal(checkOf({ 'src/ui/a.ts': text }).length, 1);
    assert.deepEqual(checkOf({ 'src/ui/notify.ts': text }), []);
  });

  it('allows the arrows that the rooms have', () => {
    const found = checkOf({
      'src/extension.ts':
        "import './ui/a.ts'; import './agent/a.ts'; import './sandbox/process/a.ts'; import './host/a.ts';",
      'src/ui/a.ts': "import '../core/a.ts'; import '../shared/a.ts'; import 'vscode';",
      'src/agent/a.ts': "import '../core/a.ts'; import '@openai/agents-core';",
      'src/sandbox/process/a.ts':
        "import '../../core/a.ts'; import '../common/a.ts'; import './wire.ts'; import 'node:net';",
      'src/sandbox/process/inside/main.ts': "import '../wire.ts'; import 'node:child_process';",
      'src/host/spawn.ts': "import 'execa';",
      'src/core/a.ts': "import '../shared/a.ts'; import 'node:stream/promises'; import 'zod';",
      'src/webview/a.ts': "import '../shared/a.ts'; import 'dompurify';",
    });
    assert.deepEqual(found, []);
  });

  const wrongModules: Readonly<Record<string, string>> = {
    'src/core/a.ts': 'node:fs/promises',
    'src/core/b.ts': 'undici',
    'src/shared/a.ts': 'node:path',
    'src/ui/a.ts': 'fs',
    'src/ui/b.ts': '@openai/agents',
    'src/agent/a.ts': 'vscode',
    'src/sandbox/a.ts': 'vscode',
    'src/sandbox/b.ts': 'node:child_process',
    'src/host/a.ts': 'execa',
    'src/host/b.ts': 'openai',
    'src/webview/a.ts': 'node:path',
    'src/extension.ts': 'vscode',
    'src/sandbox/process/inside/a.ts': 'zod',
    'src/sandbox/process/keeper/a.ts': 'tar-stream',
  };
  for (const [path, name] of Object.entries(wrongModules)) {
    it(`rejects ${name} in ${path}`, () => {
      assert.equal(checkOf({ [path]: `import * as it from '${name}';` }).length, 1);
    });
  }

  const waysToImport = [
    "import '../host/b.ts';",
    "import type { B } from '../host/b.ts';",
    "import { type B } from '../host/b.ts';",
    "export * from '../host/b.ts';",
    "export type { B } from '../host/b.ts';",
    "const b = await import('../host/b.ts');",
    "const b = require('../host/b.ts');",
    "import b = require('../host/b.ts');",
    "type B = import('../host/b.ts').B;",
    "type B = typeof import('../host/b.ts');",
  ];
  for (const text of waysToImport) {
    it(`sees ${text}`, () => assert.equal(checkOf({ 'src/core/a.ts': text }).length, 1));
  }

  it('rejects a cycle, also one of types', () => {
    const found = checkOf({
      'src/core/a.ts': "import './b.ts';",
      'src/core/b.ts': "import type { C } from './c.ts';",
      'src/core/c.ts': "export * from './a.ts';",
    });
    assert.deepEqual(found, ['a cycle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts']);
  });

  it('rejects a file of more than 300 lines, in src and test', () => {
    assert.deepEqual(checkOf({ 'src/core/a.ts': '\n'.repeat(300), 'test/unit/a.test.ts': '\n'.repeat(300) }), []);
    assert.equal(checkOf({ 'src/core/a.ts': '\n'.repeat(301) }).length, 1);
    assert.equal(checkOf({ 'test/unit/a.test.ts': '\n'.repeat(301) }).length, 1);
  });

  it('rejects a provider named by what draws', () => {
    const provider = { 'src/sandbox/process/a.ts': '' };
    assert.equal(checkOf({ ...provider, 'src/ui/a.ts': "if (id === 'process') show();" }).length, 1);
    assert.equal(checkOf({ ...provider, 'src/webview/a.ts': 'const id = `process`;' }).length, 1);
    assert.deepEqual(checkOf({ ...provider, 'src/ui/a.ts': 'process.nextTick(show);' }), []);
  });

  it('rejects product code that knows of a demo', () => {
    assert.equal(checkOf({ 'src/agent/a.ts': "if (model === 'recorded-demo') pretend();" }).length, 1);
  });
});
