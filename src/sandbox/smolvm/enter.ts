import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { AirlockError, fail, problem, problemOf } from '../../core/problem.ts';
import { written } from '../common/streamPipe.ts';
import type { Shell } from '../relay/job/commands.ts';
import { type Inside, prepareInside } from '../relay/prepare.ts';
import type { SshConnection } from './guest/connection.ts';
import type { Line } from './guest/line.ts';

const askAgainMs = 500;
const scriptWithinMs = 60_000;
const mostText = 1_048_576;
/** Memory first: a disk that is full must not keep us from working. */
const rooms = ['/run', '/dev/shm', '/tmp'];

/** Waits until the guest lets us in over SSH. Throws `sandbox-start-failed` past `withinMs`, `aborted`, or what will not pass. */
export async function awaitGuest(line: Line, withinMs: number, signal: AbortSignal): Promise<SshConnection> {
  const until = Date.now() + withinMs;
  for (;;) {
    if (signal.aborted) return fail('aborted', 'It was cancelled.', { delivery: 'maybe-sent' });
    try {
      return await line.connection();
    } catch (error) {
      const why = problemOf(error, 'unreachable');
      if (why.id !== 'unreachable' && why.id !== 'no-permission') throw error;
      if (Date.now() > until) {
        if (why.id === 'no-permission') throw error;
        return silent(withinMs);
      }
    }
    await sleep(askAgainMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Prepares the guest for work: over SSH where there is a line, else by the command line. Throws `sandbox-start-failed` where
 * its login shell takes longer than `withinMs` or prints without end, and `aborted`.
 */
export function prepareGuest(
  way: SshConnection | Shell,
  signal: AbortSignal,
  withinMs = scriptWithinMs,
): Promise<Inside> {
  if ('mostCommand' in way) {
    const run = (command: string) => way.run(command, withinMs / 1000, true, signal);
    return prepareInside(run, { rooms, mostCommand: way.mostCommand, carries: true });
  }
  return prepareInside((command) => runScript(way, command, signal, withinMs), {
    rooms,
    mostCommand: 60_000,
    carries: true,
  });
}

/** Runs a script in a login shell and gives what it printed. What the guest's own profile does comes first, whatever it is. */
async function runScript(
  connection: SshConnection,
  script: string,
  signal: AbortSignal,
  withinMs: number,
): Promise<string> {
  const late = AbortSignal.timeout(withinMs);
  const over = AbortSignal.any([signal, late]);
  // On its standard input, as SSH servers bound the length of a command.
  const opened = connection.run('exec sh -l -s');
  try {
    const channel = await unlessOver(opened, over);
    return await unlessOver(printedBy(channel, script), over);
  } catch (error) {
    void opened.then(letGo, () => undefined);
    if (signal.aborted) return fail('aborted', 'It was cancelled.', { delivery: 'maybe-sent' });
    if (late.aborted) throw stuck(`does not come to its end within ${Math.round(withinMs / 1000)} seconds`);
    throw error;
  }
}

async function printedBy(channel: ClientChannel, script: string): Promise<string> {
  channel.stderr.resume();
  const pieces: Buffer[] = [];
  let length = 0;
  const closed = new Promise<void>((resolve, reject) => {
    channel.once('close', () => resolve());
    channel.on('data', (bytes: Buffer) => {
      length += bytes.length;
      if (length <= mostText) pieces.push(bytes);
      else reject(stuck('prints without end'));
    });
  });
  await Promise.race([written(channel, Buffer.from(`${script}\n`)).then(() => channel.end()), closed]);
  await closed;
  return Buffer.concat(pieces).toString('latin1');
}

/** Whatever it still sends is dropped. */
function letGo(channel: ClientChannel): void {
  channel.removeAllListeners('data');
  channel.resume();
  channel.destroy();
}

function unlessOver<T>(work: Promise<T>, over: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new Error('It is over.'));
    if (over.aborted) end();
    over.addEventListener('abort', end, { once: true });
    void work.then(resolve, reject).finally(() => over.removeEventListener('abort', end));
  });
}

function stuck(how: string): AirlockError {
  const detail = `The microVM runs, but its login shell ${how}: see to its profile.`;
  return new AirlockError(problem('sandbox-start-failed', detail, { delivery: 'maybe-sent' }));
}

function silent(withinMs: number): never {
  const detail = `The microVM runs, but its SSH server did not answer within ${Math.round(withinMs / 1000)} seconds.`;
  return fail('sandbox-start-failed', detail, { delivery: 'maybe-sent', fix: 'retry' });
}
