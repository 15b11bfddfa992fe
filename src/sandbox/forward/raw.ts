import type { Sandbox } from '../../core/sandbox.ts';
import { SocketBytes } from '../common/socketBytes.ts';
import { listenHere, type ListenOptions, type LoopbackListener } from './listen.ts';
import { relay, whileHeld } from './relay.ts';

export interface RawForwardOptions extends ListenOptions {
  /** The port inside, on the sandbox's own loopback. */
  readonly port: number;
}

/**
 * Listens on 127.0.0.1 and relays each connection of this user's programs to `port` inside: bytes of any protocol,
 * unlooked at, with back-pressure and half-closed connections kept as they are. Where nothing listens inside, the
 * connection is reset. Throws `bad-input` where `localPort` cannot be had.
 */
export async function openRawForward(
  sandbox: Pick<Sandbox, 'dial'>,
  options: RawForwardOptions,
): Promise<LoopbackListener> {
  return await listenHere(async (socket, gone) => {
    const read = new SocketBytes(socket);
    const pipe = await sandbox.dial(options.port, gone);
    await whileHeld(pipe, gone, () => relay({ socket, read }, pipe, gone));
  }, options);
}
