import type { z } from 'zod';
import type { Machine, Ran, SpawnRequest } from '../../../core/machine.ts';
import { AirlockError, problem, type Problem } from '../../../core/problem.ts';
import { passedVariables, setVariables } from './environment.ts';
import { oneLine, readEnvelope } from './envelope.ts';
import { problemOfRefusal, refusalOf, type Refusal } from './refusals.ts';

/** Answers are small; a guest's console is the longest. */
const mostOutput = 4 * 1024 * 1024;

/** The program's two names. The second is what it is called since September 2026. */
export type ProgramName = 'smolvm' | 'celesto';

/** The program, found and known to be the right one. */
export interface Found {
  readonly name: ProgramName;
  readonly version: string;
  /** Absolute path. */
  readonly program: string;
}

/** What a call needs of its surroundings. */
export interface Ground {
  readonly machine: Machine;
  readonly log: (line: string) => void;
}

/** How a call ended. `unclear`: nothing is known of what it has done, unless its problem was never sent. */
export type Reply<T> =
  /** `ok` may be false: the program failed and told with what data. */
  | { readonly kind: 'data'; readonly ok: boolean; readonly data: T }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unclear'; readonly problem: Problem };

/** Limits of one call. */
export interface CallLimits {
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one command of the program and reads its envelope. Never rejects. */
export async function call<T>(
  ground: Ground,
  found: Found,
  args: readonly string[],
  shape: z.ZodType<T>,
  { withinMs, signal }: CallLimits,
): Promise<Reply<T>> {
  const ran = await runProgram(ground.machine, found.program, [...args, '--json'], { withinMs, signal });
  return replyOf(ground, found, args, ran, shape);
}

/** Reads what a command that was started with `--json` has answered. */
export function replyOf<T>(
  ground: Ground,
  found: Found,
  args: readonly string[],
  ran: Ran,
  shape: z.ZodType<T>,
): Reply<T> {
  const words = args.slice(0, 2).join(' ');
  const said = oneLine(Buffer.from(ran.stderr).toString());
  if (said !== '') ground.log(`${found.name} ${words}: ${said}`);
  const broken = brokenOff(ran, found.name);
  if (broken !== undefined) return { kind: 'unclear', problem: broken };
  const envelope = readEnvelope(ran.stdout);
  if (envelope === undefined) {
    ground.log(`${found.name} ${words}: no envelope, ended with ${ran.code ?? 'a signal'}`);
    return unclear(`${found.name} answered with something that is not understood.`);
  }
  if (envelope.error !== null) {
    const refusal = refusalOf(envelope);
    // Whoever asks for what may be gone is not in need of a word about it.
    if (refusal.meaning !== 'no-such-vm') {
      ground.log(`${found.name} ${words}: ${refusal.code}: ${oneLine(refusal.message)}`);
    }
    return { kind: 'refused', refusal };
  }
  const data = shape.safeParse(envelope.data);
  if (data.success) return { kind: 'data', ok: envelope.ok, data: data.data };
  if (!envelope.ok) return { kind: 'refused', refusal: refusalOf(envelope) };
  return unclear(`${found.name} answered in a shape that is not known.`);
}

function unclear(detail: string): Reply<never> {
  return { kind: 'unclear', problem: problem('protocol', detail, { delivery: 'maybe-sent', fix: 'open-log' }) };
}

/** Runs the program to its end. Never rejects. */
export function runProgram(
  machine: Machine,
  program: string,
  args: readonly string[],
  { withinMs, signal }: CallLimits,
): Promise<Ran> {
  return machine.run({
    ...startOf(program, args),
    timeoutMs: withinMs,
    maxOutputBytes: mostOutput,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** A start of the program with the environment that it may see and `more`. */
export function startOf(
  program: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): SpawnRequest {
  return { program, args, passEnv: passedVariables, env: { ...setVariables, ...more } };
}

/** Why a program's answer counts for nothing, where it did not come to its own end. */
export function brokenOff(ran: Ran, name: string): Problem | undefined {
  const sent = { delivery: 'maybe-sent' } as const;
  const byUs: Readonly<Record<NonNullable<Ran['endedBy']>, Problem>> = {
    'spawn-error': problem('not-started', `${name} could not be started.`, { fix: 'show-setup' }),
    abort: problem('aborted', 'It was cancelled.', sent),
    timeout: problem('deadline', `${name} did not answer in time.`, sent),
    'output-limit': problem('protocol', `${name} answered with more than is taken.`, sent),
  };
  if (ran.endedBy !== undefined) return byUs[ran.endedBy];
  if (ran.code !== undefined) return undefined;
  return problem('protocol', `${name} was ended by ${ran.signal ?? 'a signal'} before it answered.`, sent);
}

/** The data of a reply; throws what kept it from coming, also where the program tells that it failed. */
export function dataOf<T>(reply: Reply<T>): T {
  if (reply.kind === 'unclear') throw new AirlockError(reply.problem);
  if (reply.kind === 'refused') throw new AirlockError(problemOfRefusal(reply.refusal));
  if (!reply.ok) throw new AirlockError(problem('service-failed', 'SmolVM failed without a reason.'));
  return reply.data;
}
