import { setTimeout as sleep } from 'node:timers/promises';
import { fail, problemOf } from '../../core/problem.ts';
import { written } from '../common/streamPipe.ts';
import type { Shell } from '../relay/job/commands.ts';
import { type Inside, prepareInside } from '../relay/prepare.ts';
import type { SshConnection } from './guest/connection.ts';
import type { Line } from './guest/line.ts';

const askAgainMs = 500;
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

/** Prepares the guest for work: over SSH where there is a line, else by the command line. */
export function prepareGuest(way: SshConnection | Shell): Promise<Inside> {
  if ('mostCommand' in way) {
    return prepareInside((command) => way.run(command, 60, true), { rooms, mostCommand: way.mostCommand });
  }
  return prepareInside((command) => runScript(way, command), { rooms, mostCommand: 60_000 });
}

/** Runs a script in a login shell and gives what it printed. */
async function runScript(connection: SshConnection, script: string): Promise<string> {
  // On its standard input, as SSH servers bound the length of a command.
  const channel = await connection.run('exec sh -l -s');
  channel.stderr.resume();
  let text = '';
  channel.on('data', (bytes: Buffer) => (text = (text + bytes.toString('latin1')).slice(0, mostText)));
  const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
  await written(channel, Buffer.from(`${script}\n`));
  channel.end();
  await closed;
  return text;
}

function silent(withinMs: number): never {
  const detail = `The microVM runs, but its SSH server did not answer within ${Math.round(withinMs / 1000)} seconds.`;
  return fail('sandbox-start-failed', detail, { delivery: 'maybe-sent', fix: 'retry' });
}
