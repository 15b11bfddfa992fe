import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, it } from 'mocha';
import type { Machine, Ran } from '../../../../src/core/machine.ts';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { HostProcesses } from '../../../../src/sandbox/process/hostProcess.ts';
import { look } from '../../../../src/sandbox/process/keeper/processes.ts';
import { rowsByPs, seenByPs } from '../../../../src/sandbox/process/wire-ps.ts';

/** This machine, taken for one without /proc. */
const withPs: Machine = { ...thisMachine(), platform: 'darwin', run: (request) => thisMachine().run(request) };

/** A machine without /proc whose `ps` answers like this. */
function answering(ran: Partial<Ran>): Machine {
  const nothing = { code: undefined, signal: undefined, stdout: new Uint8Array(), stderr: new Uint8Array() };
  return { ...withPs, run: () => Promise.resolve({ ...nothing, ...ran }) };
}

const children: ChildProcess[] = [];

function sleeping(...words: string[]): ChildProcess & { readonly pid: number } {
  const child = spawn('/bin/sh', ['-c', 'sleep 1000 & wait', ...words], { stdio: 'ignore', detached: true });
  children.push(child);
  return child as ChildProcess & { readonly pid: number };
}

afterEach(() => {
  for (const { pid } of children.splice(0)) {
    try {
      process.kill(-(pid ?? 0), 'SIGKILL');
    } catch {
      // All of the group has ended.
    }
  }
});

for (const [by, machine] of [
  ['/proc', thisMachine()],
  ['ps', withPs],
] as const) {
  describe(`processes of this machine by ${by}`, () => {
    const processes = new HostProcesses(machine);

    it('are known by id and start, and gone only when seen to be', async () => {
      const { pid } = sleeping();
      const start = await processes.startTimeOf(pid);
      assert.ok(start !== undefined && start !== '');
      assert.equal(await processes.lives({ pid, start }), true);
      assert.equal(await processes.lives({ pid, start: 'another' }), false);
      assert.equal(await processes.killVerified({ pid, start }), true);
      assert.equal(await processes.lives({ pid, start }), false);
    });

    it('are neither killed nor called dead where their start was never known', async () => {
      const child = sleeping();
      const name = { pid: child.pid, start: '' };
      assert.deepEqual([await processes.lives(name), await processes.killVerified(name)], [undefined, false]);
      assert.equal(process.kill(child.pid, 0), true);
    });

    it('are found by an argument and end with all below them', async () => {
      const mark = `/tmp/a place/b-${process.pid}-${by.replace('/', '')}`;
      const { pid } = sleeping('sh', mark);
      const start = (await processes.startTimeOf(pid)) ?? '';
      assert.equal(await processes.endStartedWith(`${mark}x`), true);
      assert.equal(await processes.lives({ pid, start }), true);
      assert.equal(await processes.endStartedWith(mark), true);
      assert.equal(await processes.lives({ pid, start }), false);
    });
  });
}

describe('processes of which one dies while it is looked for', () => {
  const end = (child: ChildProcess) => once(child, 'exit');
  /** As {@link withPs}, whose first look at all processes is old when it is given: meanwhile something is done. */
  const outdated = (meanwhile: () => Promise<unknown>, change: (table: string) => string): Machine => {
    let looks = 0;
    return {
      ...withPs,
      run: async (request) => {
        const ran = await withPs.run(request);
        if (!request.args.includes('-A') || (looks += 1) > 1) return ran;
        await meanwhile();
        return { ...ran, stdout: Buffer.from(change(Buffer.from(ran.stdout).toString())) };
      },
    };
  };

  for (const [seen, change] of [
    ['was seen', (table: string) => table],
    ['was not seen', (table: string) => table.replace(/^.* \/tmp\/hopping$\n/gm, '')],
  ] as const) {
    it(`end with the one that it leaves behind, where it ${seen}`, async () => {
      const hops = `read go; sh -c 'echo $$; sleep 1000; :' sh "$1" & exit`;
      const child = spawn('/bin/sh', ['-c', hops, 'sh', '/tmp/hopping'], { detached: true });
      children.push(child);
      const left = once(child.stdout, 'data').then(([text]) => Number(String(text)));
      const go = async () => {
        child.stdin.write('go\n');
        await Promise.all([end(child), left]);
      };
      const processes = new HostProcesses(outdated(go, change));
      assert.equal(await processes.endStartedWith('/tmp/hopping'), true);
      assert.equal(await processes.startTimeOf(await left), undefined);
    });
  }
});

describe('processes where ps cannot tell', () => {
  const answers: readonly (readonly [string, Partial<Ran>])[] = [
    ['it is not there', { endedBy: 'spawn-error' }],
    ['it takes too long', { endedBy: 'timeout' }],
    ['it complains', { code: 1, stderr: Buffer.from('ps: not permitted\n') }],
    ['it prints something else', { code: 0, stdout: Buffer.from('nonsense\n') }],
  ];
  for (const [when, ran] of answers) {
    it(`are not called dead when ${when}`, async () => {
      const processes = new HostProcesses(answering(ran));
      const child = sleeping();
      const name = { pid: child.pid, start: 'Thu Nov 26 06:16:04 2026' };
      assert.deepEqual(
        [await processes.lives(name), await processes.killVerified(name), await processes.endStartedWith('x')],
        [undefined, false, false],
      );
      assert.equal(process.kill(child.pid, 0), true);
    });
  }

  it('are gone when it knows no such process, or one that only waits to be buried', async () => {
    const name = { pid: 4321, start: 'Thu Nov 26 06:16:04 2026' };
    for (const ran of [{ code: 1 }, { code: 0, stdout: Buffer.from('Z    Thu Nov 26 06:16:04 2026    \n') }]) {
      assert.equal(await new HostProcesses(answering(ran)).lives(name), false);
    }
  });

  it('reads what macOS prints', () => {
    assert.deepEqual(seenByPs(0, 'Ss   Thu Nov  6 06:16:04 2026    \n', ''), {
      kind: 'runs',
      start: 'Thu Nov  6 06:16:04 2026',
    });
    const table =
      '    1     0     0 Ss   Thu Nov  6 06:16:04 2026     /sbin/launchd\n  77     1   501 Z    Thu Nov  6 06:16:05 2026     (x)\n';
    assert.deepEqual(
      rowsByPs(0, table)?.map(({ pid, parent, uid }) => [pid, parent, uid]),
      [[1, 0, 0]],
    );
    assert.equal(rowsByPs(0, 'nonsense'), undefined);
  });
});

describe('the keeper’s look at a process', () => {
  it('tells the same by /proc and by ps', async () => {
    const child = sleeping();
    for (const platform of ['linux', 'darwin']) {
      const seen = look(child.pid, platform);
      assert.equal(seen.kind, 'runs', platform);
    }
    assert.deepEqual(look(child.pid, 'darwin'), {
      kind: 'runs',
      start: await new HostProcesses(withPs).startTimeOf(child.pid),
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    for (const platform of ['linux', 'darwin'])
      assert.deepEqual(look(child.pid, platform), { kind: 'ended' }, platform);
  });
});
