import type { Duplex } from 'node:stream';
import type { OpenWire } from '../../relay/mux/mux.ts';
import { written } from '../../common/streamPipe.ts';
import type { SshConnection } from './connection.ts';

/** Carries a mux over one channel of an SSH connection, in which our program runs without a terminal. */
export function wireOver(connection: SshConnection, relay: readonly string[]): OpenWire {
  return async (name, events) => {
    const channel: Duplex = await connection.run(`exec ${relay.join(' ')} mux ${name}`);
    channel.on('data', (bytes: Uint8Array) => events.bytes(bytes));
    channel.on('close', () => events.closed());
    return { send: (bytes) => written(channel, bytes), close: () => void channel.destroy() };
  };
}
