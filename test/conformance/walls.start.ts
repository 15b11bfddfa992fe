import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { it } from 'mocha';
import type { Jail, JailYard } from '../support/process/jail.ts';
import { eventually } from '../support/vscode/eventually.ts';

/** How often each moment is tried: bubblewrap looks for its parent only once. */
const tries = 3;

/** What is left of a sandbox whose keeper died while it was being started. */
export function describeStarts(yardNow: () => JailYard): void {
  for (const ms of [0, 2, 5, 20]) {
    it(`leaves nothing of a sandbox whose keeper is killed ${ms} ms after it began to start it`, async () => {
      for (let count = 0; count < tries; count++) {
        const jail = yardNow().open();
        const made = jail.create().then(
          () => 'made',
          () => 'not made',
        );
        const { keeper, marks } = await firstMoment(jail);
        await sleep(ms);
        process.kill(keeper, 'SIGKILL');
        await eventually(() => Promise.resolve(marked(marks).length === 0 || undefined), 'the end of all inside');
        if ((await made) === 'made') assert.equal(await jail.settle('delete'), 'done');
        await jail.close();
      }
    });
  }
}

/**
 * Waits until a jail's keeper has begun to start a sandbox. The marks are the streams that it was given and hands on to
 * its first program inside: whatever holds them belongs to it, wherever it stands in the tree of processes.
 */
async function firstMoment(jail: Jail): Promise<{ keeper: number; marks: ReadonlySet<string> }> {
  for (;;) {
    const keeper = childrenOf(jail.pid).find((pid) => commandOf(pid).includes('keeper'));
    const started =
      keeper === undefined ? undefined : childrenOf(keeper).find((pid) => read(`/proc/${pid}/comm`) === 'bwrap\n');
    const marks = started === undefined ? [] : streamsOf(started);
    if (keeper !== undefined && marks.length > 0) return { keeper, marks: new Set(marks) };
    await turn();
  }
}

function marked(marks: ReadonlySet<string>): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((pid) => streamsOf(pid).some((stream) => marks.has(stream)));
}

function streamsOf(pid: number): string[] {
  try {
    return [0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)).filter((to) => /^(socket|pipe):/.test(to));
  } catch {
    return [];
  }
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
