import { setTimeout as wait } from 'node:timers/promises';
import { AirlockError, fail, problem } from '../../../core/problem.ts';
import { dataOf } from './call.ts';
import { belongsTo, runs } from './emulators.ts';
import type { Program } from './program.ts';
import { infoShape, logsShape, statusShape, type VmInfo } from './shapes.ts';

/** A server that closed first keeps its port for a minute. */
const portFreeWithinMs = 70_000;
const tryAgainMs = 2000;
/** Seconds that the emulator gets before it is killed. */
const stopSeconds = 10;

/** What is true of one virtual machine: what the program says, and whether its process is really there. */
export interface VmTruth {
  readonly info: VmInfo;
  /**
   * `runs`: its own process is there. `ended`: none is, whatever the program says. `taken`: the number that the program
   * has noted belongs to a process whose command line does not name this virtual machine, as after a restart of the
   * computer: the program would end that one.
   */
  readonly process: 'runs' | 'ended' | 'taken';
}

/** Looks at one virtual machine; undefined where the program knows none of that name. Throws what keeps it from looking. */
export async function look(program: Program, name: string, signal?: AbortSignal): Promise<VmTruth | undefined> {
  const reply = await program.ask(['sandbox', 'info', name], infoShape, { signal });
  if (reply.kind === 'refused' && reply.refusal.meaning === 'no-such-vm') return undefined;
  const { vm } = dataOf(reply);
  return { info: vm, process: await processOf(program, vm) };
}

async function processOf(program: Program, { name, pid }: VmInfo): Promise<VmTruth['process']> {
  if (pid === undefined || pid === null || !(await runs(program.ground.machine, pid))) return 'ended';
  return (await belongsTo(program.ground.machine, pid, name)) ? 'runs' : 'taken';
}

/** The program takes it for running, but nothing runs. */
export function isDead({ info, process }: VmTruth): boolean {
  return (info.status === 'running' || info.status === 'paused') && process === 'ended';
}

/**
 * Starts a virtual machine, or goes on with a paused one. Answers before its system is up. Throws `sandbox-gone` where
 * there is none, `sandbox-lost` where the program has given it up.
 */
export async function start(program: Program, name: string, bootSeconds: number, signal?: AbortSignal): Promise<void> {
  await program.inTurn(name, async () => {
    const truth = await known(program, name, signal);
    if (truth.info.status === 'running' && truth.process === 'runs') return;
    // The program takes it for running and would do nothing.
    if (isDead(truth)) await stopNow(program, name, signal);
    const args = ['sandbox', 'start', name, '--boot-timeout', String(bootSeconds)];
    const withinMs = 2 * bootSeconds * 1000 + 60_000;
    const end = Date.now() + portFreeWithinMs;
    for (;;) {
      const reply = await program.ask(args, statusShape, { withinMs, signal });
      if (reply.kind !== 'refused' || reply.refusal.meaning !== 'port-in-use' || Date.now() > end) {
        dataOf(reply);
        return;
      }
      await wait(tryAgainMs, undefined, { signal });
    }
  });
}

/**
 * Halts the processors of a virtual machine; its memory stays, and {@link start} goes on with it. Idempotent. Throws
 * `sandbox-gone` where there is none, `sandbox-lost` where it does not run.
 */
export async function pause(program: Program, name: string, signal?: AbortSignal): Promise<void> {
  await program.inTurn(name, async () => {
    const truth = await known(program, name, signal);
    if (truth.process !== 'runs') fail('sandbox-lost', 'The microVM does not run.', { fix: 'restart-sandbox' });
    if (truth.info.status === 'paused') return;
    await program.data(['sandbox', 'pause', name], statusShape, { signal });
  });
}

/** Cuts the power. What the guest has not written to its disk is lost: have it `sync` before. Idempotent. */
export async function stop(program: Program, name: string, signal?: AbortSignal): Promise<void> {
  await program.inTurn(name, () => stopNow(program, name, signal));
}

async function stopNow(program: Program, name: string, signal: AbortSignal | undefined): Promise<void> {
  await refuseTaken(program, name, signal);
  await program.data(['sandbox', 'stop', name, '--timeout', String(stopSeconds)], statusShape, { signal });
}

/** The last lines of a virtual machine's console. They come from inside: show them as such. */
export async function logs(
  program: Program,
  name: string,
  lines: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  return (await program.data(['sandbox', 'logs', name, '--tail', String(lines)], logsShape, { signal })).lines;
}

/** Where its SSH server is reached from this machine; undefined where it has none that can be. */
export function endpointOf({
  ssh_port: port,
  ip_address: address,
  backend,
}: VmInfo): { host: string; port: number } | undefined {
  if (port !== undefined && port !== null) return { host: '127.0.0.1', port };
  // An emulated network has no way in; a bridged interface of Firecracker's has.
  return backend === 'firecracker' && address !== undefined && address !== null
    ? { host: address, port: 22 }
    : undefined;
}

/** Looks at a virtual machine, and throws where the program would end a process that has nothing to do with it. */
export async function refuseTaken(program: Program, name: string, signal?: AbortSignal): Promise<VmTruth | undefined> {
  const truth = await look(program, name, signal);
  if (truth?.process !== 'taken') return truth;
  const { pid } = truth.info;
  return fail(
    'sandbox-lost',
    `SmolVM takes process ${pid ?? 0} for this microVM, but another program has that number, as far as this can be seen: SmolVM would end that one. End it, or start the computer again, then try again.`,
  );
}

async function known(program: Program, name: string, signal: AbortSignal | undefined): Promise<VmTruth> {
  const truth = await look(program, name, signal);
  if (truth === undefined) throw new AirlockError(problem('sandbox-gone', 'The microVM is gone.'));
  return truth;
}
