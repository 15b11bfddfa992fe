import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { AirlockError, fail } from '../../../core/problem.ts';
import type { Settled } from '../../../core/settled.ts';
import type { Snapshot } from '../../../core/snapshots.ts';
import { unsettled } from '../../common/changes.ts';
import { dataOf } from './call.ts';
import { stop } from './machines.ts';
import type { Program } from './program.ts';
import { problemOfRefusal } from './refusals.ts';
import { restoredShape, snapshotShape, snapshotsShape, type ListedSnapshot } from './shapes.ts';

/** The whole disk is copied, and checked. */
const copyWithinMs = 30 * 60_000;
const mostRestores = 4;
const againAfterMs = 2000;
const blockBytes = 512;

/**
 * Copies the disk of a virtual machine that runs, which stands still meanwhile. Not to be cancelled: the program would
 * leave it halted.
 */
export async function takeSnapshot(program: Program, name: string): Promise<Snapshot> {
  return await program.inTurn(name, async () => {
    const id = `${prefixOf(name)}${Date.now().toString(36)}`;
    const args = ['sandbox', 'snapshot', 'create', name, '--snapshot-id', id, '--snapshot-type', 'disk'];
    try {
      const limits = { withinMs: copyWithinMs };
      const { snapshot } = await program.data([...args, '--resume-source'], snapshotShape, limits);
      return await told(snapshot);
    } catch (error) {
      await removeSnapshot(program, id);
      throw error;
    }
  });
}

/** Those that {@link takeSnapshot} took, the newest first. */
export async function listSnapshots(
  program: Program,
  name: string,
  signal?: AbortSignal,
): Promise<readonly Snapshot[]> {
  const args = ['sandbox', 'snapshot', 'list', '--vm-id', name];
  const { snapshots } = await program.data(args, snapshotsShape, { signal });
  const own = snapshots.filter((one) => one.snapshot_id.startsWith(prefixOf(name)));
  const all = await Promise.all(own.map(told));
  return all.sort((one, other) => other.takenAt - one.takenAt);
}

/**
 * Starts a virtual machine on the disk of a snapshot. It is stopped first, as it may run from that very one. What the
 * program leaves behind where this fails can be gone back with again, and with nothing else.
 */
export async function restoreSnapshot(program: Program, name: string, id: string): Promise<void> {
  if (!id.startsWith(prefixOf(name))) fail('not-found', 'This snapshot is of another microVM.');
  await stop(program, name);
  await program.inTurn(name, async () => {
    const args = ['sandbox', 'snapshot', 'restore', id, '--resume', '--force'];
    for (let left = mostRestores - 1; ; left -= 1) {
      const reply = await program.ask(args, restoredShape, { withinMs: copyWithinMs });
      const meaning = reply.kind === 'refused' ? reply.refusal.meaning : undefined;
      // Another program has its port for a moment.
      const goesOn = (meaning === 'port-in-use' || meaning === 'emulator-ended') && left > 0;
      if (!goesOn) {
        dataOf(reply);
        return;
      }
      await wait(againAfterMs);
    }
  });
}

/** Idempotent: gone is done. */
export async function removeSnapshot(program: Program, id: string): Promise<Settled> {
  try {
    const reply = await program.ask(['sandbox', 'snapshot', 'delete', id], snapshotShape);
    if (reply.kind === 'refused' && reply.refusal.meaning === 'no-such-snapshot') return { kind: 'done' };
    if (reply.kind === 'refused') throw new AirlockError(problemOfRefusal(reply.refusal));
    dataOf(reply);
    return { kind: 'done' };
  } catch (error) {
    return unsettled(error, 'service-failed');
  }
}

/** Deletes those of a virtual machine that is gone. The program is asked for those alone that lie on the disk. */
export async function removeSnapshotsOf(program: Program, name: string): Promise<Settled> {
  for (const id of await program.snapshotIds()) {
    if (!id.startsWith(prefixOf(name))) continue;
    const settled = await removeSnapshot(program, id);
    if (settled.kind !== 'done') return settled;
  }
  return { kind: 'done' };
}

/** Ids are bounded, and a name may be as long as they are. */
function prefixOf(name: string): string {
  return `airlock-${createHash('sha256').update(name).digest('hex').slice(0, 16)}-`;
}

async function told({ snapshot_id: id, created_at: at, artifacts }: ListedSnapshot): Promise<Snapshot> {
  const disk = artifacts.disk_path;
  const held = typeof disk === 'string' ? await stat(disk).catch(() => undefined) : undefined;
  const takenAt = Date.parse(at);
  return { id, takenAt, ...(held === undefined ? {} : { bytes: held.blocks * blockBytes }) };
}
