import type { OpId } from '../../shared/ids.ts';
import { problem } from '../problem.ts';
import type { Exec, Outcome, Sandbox } from '../sandbox.ts';
import { CommandOutput } from './commandOutput.ts';
import type { Recorder } from './recorder.ts';

/**
 * Says in the log what a closed window left unfinished: commands whose end nobody heard, and the turn they belonged to.
 * A command that still runs is followed on; one that cannot be found has an unknown outcome, never success.
 */
export async function settleInterrupted(recorder: Recorder, sandbox: Sandbox | undefined): Promise<void> {
  for (const op of recorder.regions.openCommands.keys()) await settleCommand(recorder, sandbox, op);
  const { turn, turnId, sync } = recorder.regions;
  if (sync !== 'idle') {
    const why = problem('aborted', 'Copying files was interrupted when the window closed.', { delivery: 'maybe-sent' });
    await recorder.add({ t: 'sync-done', kind: sync, files: 0, bytes: 0, problem: why });
  }
  if (turn === 'running' && turnId !== undefined) {
    await recorder.intend({ t: 'turn-ended', turn: turnId, how: 'interrupted' });
  }
}

async function settleCommand(recorder: Recorder, sandbox: Sandbox | undefined, op: OpId): Promise<void> {
  const found = sandbox === undefined ? 'cannot-know' : await sandbox.attach(op);
  if (typeof found === 'object') {
    void follow(recorder, found);
    return;
  }
  const detail =
    found === 'no-such-op' ? 'The sandbox does not know this command any more.' : 'The window closed before it ended.';
  const outcome: Outcome = { kind: 'unknown', problem: problem('sandbox-lost', detail, { delivery: 'maybe-sent' }) };
  await recorder.add({ t: 'command-ended', op, outcome, omittedBytes: 0 });
}

async function follow(recorder: Recorder, exec: Exec): Promise<void> {
  recorder.background(exec.op);
  const output = new CommandOutput(exec.op, recorder);
  try {
    for await (const { bytes } of exec.output) output.add(bytes);
  } catch {
    // The outcome tells what became of it.
  }
  const outcome = await exec.outcome;
  recorder.note({ t: 'command-ended', op: exec.op, outcome, omittedBytes: output.end() });
}
