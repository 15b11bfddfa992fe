import { connect } from 'node:net';
import { fail } from '../../core/problem.ts';
import type { Pipe } from '../../core/sandbox.ts';
import { pipeOver } from '../common/streamPipe.ts';
import { firstAnswer } from './firstAnswer.ts';
import { line, protocolVersion } from './wire.ts';

const answerWithinMs = 10_000;

/**
 * Connects to a TCP port on the sandbox's loopback, 127.0.0.1 first, then ::1. After the supervisor's one answer the
 * connection carries raw bytes. Throws `not-found` where nothing listens, `sandbox-gone` where nothing runs.
 */
export async function dial(socketPath: string | undefined, port: number, signal: AbortSignal): Promise<Pipe> {
  if (socketPath === undefined) return fail('sandbox-gone', 'The sandbox is not running.');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail('bad-input', `There is no port ${port}.`);
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  socket.on('error', () => undefined);
  const give = () => socket.destroy();
  signal.addEventListener('abort', give, { once: true });
  const timer = setTimeout(give, answerWithinMs);
  try {
    socket.write(line({ v: protocolVersion, kind: 'dial', port }));
    const answer = await firstAnswer(socket);
    if (answer?.event === 'connected') return pipeOver(socket);
    socket.destroy();
    if (signal.aborted) return fail('aborted', 'The connection was cancelled.');
    if (answer === undefined) return fail('sandbox-lost', 'The sandbox does not answer.');
    return fail('not-found', `Nothing listens on port ${port} in the sandbox.`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', give);
  }
}
