import { z } from 'zod';
import { AirlockError, fail } from '../../../core/problem.ts';
import { replyOf, runProgram } from './call.ts';
import type { Program } from './program.ts';
import { problemOfRefusal } from './refusals.ts';

const ranShape = z.object({ exit_code: z.int(), stdout: z.string(), stderr: z.string() });

/** What the program needs beside the command's own time: it waits for the guest, and tries other keys first. */
const besidesMs = 60_000;

/**
 * Runs a command line in a login shell inside by the program's own `exec`, for where there is no SSH: one process here for
 * each, and all output at the end. Gives its standard output. Throws a problem where it did not run or was cut off.
 */
export async function execInside(
  program: Program,
  name: string,
  command: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<string> {
  const found = await program.found(signal);
  // Its own flags come first: whatever stands behind `--` is the command.
  const args = ['sandbox', 'exec', name, '--timeout', String(seconds), '--json', '--', 'sh', '-lc', command];
  const limits = { withinMs: seconds * 1000 + besidesMs, signal };
  const ran = await runProgram(program.ground.machine, found.program, args, limits);
  const reply = replyOf(program.ground, found, args, ran, ranShape);
  if (reply.kind === 'unclear') throw new AirlockError(reply.problem);
  if (reply.kind === 'data') return reply.data.stdout;
  const failed = ranShape.safeParse(reply.refusal.data);
  // The command ran, and ended with another code than 0.
  if (failed.success) return failed.data.stdout;
  const why = problemOfRefusal(reply.refusal);
  const ranOn = reply.refusal.meaning === 'timed-out';
  return fail(why.id, why.detail, ranOn ? { ...why, delivery: 'maybe-sent' } : why);
}
