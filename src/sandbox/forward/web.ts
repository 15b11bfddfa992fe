import type { Socket } from 'node:net';
import { AirlockError } from '../../core/problem.ts';
import type { Forwarded } from '../../core/ports/forwarding.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { Access } from './access.ts';
import { listenHere, type ListenOptions } from './listen.ts';
import { WebConnection, type Listening } from './webConnection.ts';

export interface WebForwardOptions extends ListenOptions {
  /** The port inside, on the sandbox's own loopback. */
  readonly port: number;
  /** Host name of the session, such as `s-….localhost`: browsers take names below `localhost` for this machine. */
  readonly name: string;
  /** Secret that opens the ports of this session; browsers get it as a cookie. */
  readonly token: string;
}

/**
 * Listens on 127.0.0.1 for web pages: requests of this user's programs that name the listener as their host and hold
 * the session's token go to `port` inside; WebSockets and endless answers as they are. Throws `bad-input` where
 * `localPort` cannot be had.
 */
export async function openWebForward(sandbox: Pick<Sandbox, 'dial'>, options: WebForwardOptions): Promise<Forwarded> {
  const { port, name, token } = options;
  const ready = Promise.withResolvers<Access>();
  const serve = async (socket: Socket, gone: AbortSignal) => {
    const listening: Listening = { access: await ready.promise, port, dial: dialOrNothing(sandbox, port) };
    await new WebConnection(socket, listening, gone).serve();
  };
  const listener = await listenHere(serve, options);
  const { localPort } = listener;
  const access = new Access({ name, localPort, token });
  ready.resolve(access);
  return {
    localPort,
    authority: access.authority,
    address: (path, origin) => access.address(path, origin),
    close: () => listener.close(),
  };
}

function dialOrNothing(sandbox: Pick<Sandbox, 'dial'>, port: number): Listening['dial'] {
  return async (gone) => {
    try {
      return await sandbox.dial(port, gone);
    } catch (error) {
      if (error instanceof AirlockError && !gone.aborted) return undefined;
      throw error;
    }
  };
}
