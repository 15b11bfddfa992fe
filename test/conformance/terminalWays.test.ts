import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Sandbox, TerminalRequest } from '../../src/core/sandbox.ts';
import { cache } from '../support/commands/places.mjs';
import { ensureEditor } from '../support/vscode/editor.ts';
import { nativePty } from '../../src/sandbox/process/inside/ptyNative.ts';
import { createSandbox, type Harness, never } from './harness.ts';
import { harness, harnessWith } from './processHarness.ts';
import { processes, sh } from './running.ts';
import { openScreen, script } from './screen.ts';
import { terminalChapter } from './terminal.ts';
import { terminalAgainChapter } from './terminalAgain.ts';
import { terminalFlowChapter } from './terminalFlow.ts';

const nodePty = `${cache}/code-server/node_modules/code-server/lib/vscode/node_modules/node-pty`;
/** Every program of the system but one, so that a carrier is looked for further. */
const withoutScript = '/tmp/without-script';

/** A sandbox whose terminals are opened with an environment in which `script` is not found. */
function withPythonOnly(sandbox: Sandbox): Sandbox {
  const openTerminal = (request: TerminalRequest, signal: AbortSignal) =>
    sandbox.openTerminal({ ...request, env: { PATH: withoutScript, ...request.env } }, signal);
  return new Proxy(sandbox, {
    get: (target, name) => {
      const value: unknown = name === 'openTerminal' ? openTerminal : Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

interface Way {
  readonly harness: Harness;
  readonly prepare?: (sandbox: Sandbox) => Promise<Sandbox>;
  /** What the program that carries the terminal is called with; undefined: there is none. */
  readonly carrier: RegExp | undefined;
}

const ways: Readonly<Record<string, Way>> = {
  'the editor’s own module': { harness: harnessWith({ nodePty }), carrier: undefined },
  python: {
    harness,
    carrier: /python3 -c[^]*pty\.fork/,
    prepare: async (sandbox) => {
      await sh(sandbox, `mkdir ${withoutScript} && ln -s /usr/bin/* ${withoutScript} && rm ${withoutScript}/script`);
      return withPythonOnly(sandbox);
    },
  },
};

describe('a terminal of the editor’s own module', () => {
  before(() => ensureEditor());

  it('keeps what a program left behind whose output is held back when it ends', async () => {
    const written = 'x'.repeat(20_000);
    const argv = ['sh', '-c', `stty raw -echo; printf up; read go; head -c ${written.length} /dev/zero | tr '\\0' x`];
    const pty = nativePty(nodePty, argv, { op: 'op', cwd: '/', env: { PATH: '/usr/bin:/bin' }, cols: 80, rows: 24 });
    assert.ok(pty);
    let said = '';
    const up = new Promise<void>((resolve) =>
      pty.onData((bytes) => {
        said += Buffer.from(bytes).toString();
        if (said.startsWith('up')) resolve();
      }),
    );
    const ended = new Promise<number>((resolve) => pty.onExit(resolve));
    await up;
    pty.pause();
    pty.write(Buffer.from('\n'));
    // Longer than the module waits before it lets go of a terminal whose program has ended.
    await new Promise((resolve) => setTimeout(resolve, 800));
    pty.resume();
    assert.equal(await ended, 0);
    assert.match(said, new RegExp(`^upx{${written.length}}$`));
  });
});

/** The suite's terminals go by `script`, which is what a plain runtime finds; these are the other ways. */
for (const [name, way] of Object.entries(ways)) {
  describe(`terminals of the built-in sandbox by ${name}`, function () {
    this.timeout(240_000);
    let made: Sandbox | undefined;
    let sandbox: Sandbox | undefined;
    before(async () => {
      await ensureEditor();
      assert.ok(existsSync(nodePty));
      made = await createSandbox(way.harness);
      sandbox = (await way.prepare?.(made)) ?? made;
    });
    after(async () => {
      await made?.delete(never);
      await way.harness.cleanUp();
    });
    const get = (): Sandbox => {
      assert.ok(sandbox);
      return sandbox;
    };

    it('are truly opened that way', async () => {
      const screen = await openScreen(get(), script('echo up; read x'));
      await screen.saw(/up/);
      const running = await processes(get());
      assert.match(running, /sh -c echo up; read x/);
      if (way.carrier === undefined) assert.doesNotMatch(running, /script -q|pty\.fork/);
      else assert.match(running, way.carrier);
      await screen.type('\r');
      await screen.terminal.ended;
    });
    terminalChapter(way.harness, get);
    terminalFlowChapter(way.harness, get);
    terminalAgainChapter(way.harness, get);
  });
}
