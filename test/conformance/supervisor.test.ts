import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Exec, Sandbox } from '../../src/core/sandbox.ts';
import { openLink } from '../../src/sandbox/process/link.ts';
import { protocolVersion } from '../../src/sandbox/process/wire.ts';
import { mintId } from '../../src/shared/ids.ts';
import { skipBecause } from '../support/commands/results.ts';
import { present } from '../support/present.ts';
import { deleteSandbox, realSandbox } from '../support/realSandbox.ts';
import { processTable, withDescendants } from '../support/story/processTable.ts';
import { eventually, freshFolder, request, sh } from './running.ts';

const mib = 1024 * 1024;
const bytes = 300 * mib;
/** Far below what is sent, far above what a runtime holds until it collects: some 64 MiB of buffers. */
const mostGrowth = 150 * mib;
const stateShape = z.object({ keeper: z.object({ pid: z.int(), socket: z.string() }) });

describe('the supervisor of the built-in sandbox', () => {
  let sandbox: Sandbox;
  let socket: string;
  let pid: number;

  before(async function () {
    if (process.platform !== 'linux') skipBecause(this, 'memory is read from /proc');
    sandbox = await realSandbox(this);
    const { keeper } = stateShape.parse(sandbox.state().data);
    socket = join(dirname(keeper.socket), 's');
    const started = withDescendants([keeper.pid], processTable());
    const isSupervisor = (one: number) => told(one, 'cmdline').startsWith('/run/airlock/bin/node\0');
    pid = present(started.find((one) => isSupervisor(one.pid))).pid;
  });
  after(() => deleteSandbox(sandbox));

  /** Most memory that it ever took (proc_pid_status(5)). */
  function peak(): number {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(told(pid, 'status'))?.[1]) * 1024;
  }

  async function assertSteady(act: () => Promise<void>): Promise<void> {
    const before = peak();
    assert.ok(before > 10 * mib, 'the memory of a runtime');
    await act();
    assert.ok(peak() - before < mostGrowth, `its memory grew by ${peak() - before} bytes`);
  }

  async function lengthOf(exec: Exec): Promise<number> {
    let length = 0;
    for await (const piece of exec.output) length += piece.bytes.length;
    return length;
  }

  it('gathers nothing of a long output that is read', () =>
    assertSteady(async () => {
      const exec = sandbox.exec(request(sandbox, `head -c ${bytes} /dev/zero; head -c ${mib} /dev/zero >&2`));
      assert.equal(await lengthOf(exec), bytes + mib);
    }));

  it('gathers nothing of an output that comes in tiny pieces', () =>
    assertSteady(async () => {
      const script = 'for (1..1000000) { syswrite(STDOUT, "x"); syswrite(STDERR, "y") }';
      assert.equal(await lengthOf(sandbox.exec(request(sandbox, ['perl', '-e', script]))), 2_000_000);
    }));

  it('gathers nothing of long outputs that nobody reads', () =>
    assertSteady(async () => {
      const folder = await freshFolder(sandbox);
      const script = `: >$$.begun; head -c ${bytes / 4} /dev/zero; : >$$.done`;
      const execs = Array.from({ length: 4 }, () => sandbox.exec(request(sandbox, script, { cwd: folder })));
      const begun = async () => (await sh(sandbox, 'ls -- "$1"', folder)).match(/begun/g)?.length === execs.length;
      await eventually(begun);
      for (let round = 0; round < 20; round += 1) {
        assert.doesNotMatch(await sh(sandbox, 'ls -- "$1"', folder), /done/, 'they are held back');
      }
      assert.deepEqual(await Promise.all(execs.map(lengthOf)), Array<number>(execs.length).fill(bytes / 4));
    }));

  it('gathers nothing of what a command prints whose client has gone', () =>
    assertSteady(async () => {
      const folder = await freshFolder(sandbox);
      const shell = `echo begun; while ! [ -e go ]; do sleep 0.05; done; head -c ${bytes} /dev/zero; : >done`;
      const run = { shell, login: false };
      const asked = { op: mintId('op'), run, cwd: folder, env: {}, stdin: false, onLinkLoss: 'keep' } as const;
      await new Promise<void>((resolve) => {
        const link = openLink(
          socket,
          { v: protocolVersion, kind: 'exec', ...asked },
          { data: () => link.close(), event: () => undefined, over: () => resolve() },
        );
      });
      await sh(sandbox, ': >"$1/go"', folder);
      await eventually(async () => (await sh(sandbox, 'ls -- "$1"', folder)).includes('done'));
    }));
});

function told(pid: number, file: 'cmdline' | 'status'): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}
