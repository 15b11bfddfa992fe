import { fail } from '../../../core/problem.ts';
import type { Pipe } from '../../../core/sandbox.ts';
import { pipeOver } from '../../common/streamPipe.ts';
import type { SshConnection } from './connection.ts';

/** What "localhost" can mean for a program inside. */
const loopbacks = ['127.0.0.1', '::1'];

/**
 * Connects to a TCP port on the guest's loopback, 127.0.0.1 first, then ::1, by a forward of the SSH connection. Throws
 * `not-found` where nothing listens.
 */
export async function dial(connection: SshConnection, port: number, signal: AbortSignal): Promise<Pipe> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail('bad-input', `There is no port ${port}.`);
  for (const address of loopbacks) {
    if (signal.aborted) return fail('aborted', 'The connection was cancelled.');
    const channel = await connection.connect(address, port);
    if (channel === undefined) continue;
    return pipeOver(channel);
  }
  return fail('not-found', `Nothing listens on port ${port} in the sandbox.`);
}
