import { problem } from '../../../core/problem.ts';
import type { Settled } from '../../../core/sandbox.ts';
import { unsettled } from '../../common/changes.ts';
import { belongsTo, emulatorsOf, endEmulators, runs } from './emulators.ts';
import { oneLine } from './envelope.ts';
import { look, refuseTaken } from './machines.ts';
import type { Program } from './program.ts';
import { deletedShape } from './shapes.ts';
import { removeSnapshotsOf } from './snapshots.ts';

const deleteWithinMs = 120_000;

/**
 * Deletes a virtual machine with its disk and the snapshots that were taken here. Done only when the program does not know it any more and its process is
 * really gone, also one that a killed command has left behind and of which the program knows nothing. Idempotent.
 */
export function remove(program: Program, name: string, signal?: AbortSignal): Promise<Settled> {
  return program.inTurn(name, async (): Promise<Settled> => {
    try {
      return await removeNow(program, name, signal);
    } catch (error) {
      return unsettled(error, 'service-failed');
    }
  });
}

async function removeNow(program: Program, name: string, signal: AbortSignal | undefined): Promise<Settled> {
  const { machine, log } = program.ground;
  const noted = (await refuseTaken(program, name, signal))?.info.pid;
  const reply = await program.ask(['sandbox', 'delete', name], deletedShape, { withinMs: deleteWithinMs, signal });
  if (reply.kind === 'unclear') return { kind: 'unknown', problem: reply.problem };
  if ((await emulatorsOf(machine, name)).length > 0) {
    log(`smolvm: ${name} was deleted, but its process ran on and is ended now`);
    if (!(await endEmulators(machine, name))) return runsOn();
  }
  if (typeof noted === 'number' && (await runs(machine, noted)) && (await belongsTo(machine, noted, name)))
    return runsOn();
  if ((await look(program, name, signal)) === undefined) return await removeSnapshotsOf(program, name);
  if (reply.kind === 'data') {
    for (const { error } of reply.data.failed) log(`smolvm delete: ${oneLine(error)}`);
  }
  return {
    kind: 'failed',
    problem: problem('service-failed', 'SmolVM could not delete it; the log has its words.', { fix: 'open-log' }),
  };
}

function runsOn(): Settled {
  const detail = 'The microVM was deleted, but its process still runs and cannot be ended.';
  return { kind: 'unknown', problem: problem('service-failed', detail, { delivery: 'maybe-sent' }) };
}
