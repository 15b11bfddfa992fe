import { AirlockError, fail } from '../problem.ts';
import type { Resumed } from '../sandbox.ts';
import type { Computer, Visit } from './api.ts';
import { workspacesIn } from './workspaces.ts';

const never = new AbortController().signal;

/** Looks into a computer for its workspace folders; see `Computers.visit`. `isFree`: nobody works with it by now. */
export async function visit(
  computer: Computer,
  name: string,
  isFree: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Visit> {
  signal.throwIfAborted();
  const seen = { started: false };
  const looking = look(computer, name, seen, signal);
  const leave = async () => {
    await looking.catch(() => undefined);
    if (seen.started && (await isFree())) await stop(computer);
  };
  try {
    return { folders: await unlessAborted(looking, signal), leave };
  } catch (error) {
    // Nobody waits for it: where it cannot be stopped, its watchdog ends it.
    leave().catch(() => undefined);
    throw error;
  }
}

async function look(
  computer: Computer,
  name: string,
  seen: { started: boolean },
  signal: AbortSignal,
): Promise<readonly string[]> {
  // Not called back: after a start that was cancelled on its way nobody would know whether it came to be.
  const resumed = await resume(computer);
  seen.started = resumed.kind === 'restarted' && resumed.started === true;
  try {
    return await workspacesIn(resumed.sandbox, name, signal);
  } finally {
    await resumed.sandbox.detach();
  }
}

async function stop(computer: Computer): Promise<void> {
  const { sandbox } = await resume(computer);
  try {
    const stopped = await sandbox.stop(never);
    if (stopped.kind !== 'done') throw new AirlockError(stopped.problem);
  } finally {
    await sandbox.detach();
  }
}

async function resume({ attach, provider, title }: Computer): Promise<Extract<Resumed, { sandbox: unknown }>> {
  const resumed = await provider.resume(attach ?? fail('unsupported', 'This computer cannot be attached to.'), never);
  if (resumed.kind === 'gone') fail('sandbox-gone', `“${title}” is gone.`, { fix: 'show-computers' });
  if (resumed.kind === 'unknown') throw new AirlockError(resumed.problem);
  return resumed;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
