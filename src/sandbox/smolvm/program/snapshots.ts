import { z } from 'zod';
import { refuseTaken } from './machines.ts';
import type { Program } from './program.ts';
import { snapshotShape, snapshotsShape, type Snapshot } from './shapes.ts';

const withinMs = 5 * 60_000;

/** Keeps disk and memory of a running or paused virtual machine, which goes on afterwards as it was. */
export function takeSnapshot(program: Program, name: string, id: string, signal?: AbortSignal): Promise<Snapshot> {
  return program.inTurn(name, async () => {
    const args = ['sandbox', 'snapshot', 'create', name, '--snapshot-id', id, '--resume-source'];
    return (await program.data(args, snapshotShape, { withinMs, signal })).snapshot;
  });
}

/** Puts a virtual machine back to what it was, under its own name; what it has become since is lost. It runs then. */
export function restoreSnapshot(program: Program, name: string, id: string, signal?: AbortSignal): Promise<Snapshot> {
  return program.inTurn(name, async () => {
    await refuseTaken(program, name, signal);
    const args = ['sandbox', 'snapshot', 'restore', id, '--resume', '--force'];
    return (await program.data(args, snapshotShape, { withinMs, signal })).snapshot;
  });
}

/** The snapshots of a virtual machine. They outlive it. */
export async function snapshots(program: Program, name: string, signal?: AbortSignal): Promise<readonly Snapshot[]> {
  return (await program.data(['sandbox', 'snapshot', 'list', '--vm-id', name], snapshotsShape, { signal })).snapshots;
}

/** Deletes a snapshot. Refused while what was restored from it runs. */
export async function deleteSnapshot(program: Program, id: string, signal?: AbortSignal): Promise<void> {
  await program.data(['sandbox', 'snapshot', 'delete', id], z.unknown(), { signal });
}
