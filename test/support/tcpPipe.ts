import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fail } from '../../src/core/problem.ts';
import type { Pipe } from '../../src/core/sandbox.ts';

/** A connection to a port of this machine as a pipe, in place of a sandbox's `dial`. */
export async function dialHere(port: number, signal: AbortSignal): Promise<Pipe> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, signal });
  try {
    await once(socket, 'connect');
  } catch {
    fail('not-found', `Nothing listens on port ${port}.`);
  }
  return pipeOf(socket);
}

export function pipeOf(socket: Socket): Pipe {
  socket.on('error', () => undefined);
  return {
    read: socket.iterator({ destroyOnReturn: false }),
    async write(bytes) {
      if (!socket.write(bytes)) await once(socket, 'drain');
    },
    end() {
      socket.end();
      return Promise.resolve();
    },
    destroy() {
      socket.destroy();
    },
  };
}
