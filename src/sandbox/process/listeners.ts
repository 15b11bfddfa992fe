import type { Listener } from '../../core/sandbox.ts';
import { Latest } from '../common/latest.ts';
import { openLink } from './link.ts';
import type { StatusBoard } from '../common/statusBoard.ts';
import { protocolVersion } from './wire.ts';

/**
 * The ports that programs inside listen on, for as long as somebody iterates: over a stop there are none, and after a
 * start they are watched again. The supervisor looks only while this connection is open.
 */
export async function* watchListeners(
  socketNow: () => string | undefined,
  board: StatusBoard,
  signal: AbortSignal,
): AsyncGenerator<readonly Listener[]> {
  for await (const status of board.watch(signal)) {
    const socket = socketNow();
    if (status.state !== 'running' || socket === undefined) yield [];
    else yield* watchOnce(socket, signal);
  }
}

async function* watchOnce(socket: string, signal: AbortSignal): AsyncGenerator<readonly Listener[]> {
  const lists = new Latest<readonly Listener[]>();
  const link = openLink(
    socket,
    { v: protocolVersion, kind: 'listeners' },
    {
      data: () => undefined,
      event: (event) => {
        if (event.event === 'listeners') lists.put(event.list.map(clean));
      },
      over: () => lists.end(),
    },
  );
  const stop = () => link.close();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    yield* lists.read();
    if (!signal.aborted) yield [];
  } finally {
    signal.removeEventListener('abort', stop);
    link.close();
  }
}

/** Names come from inside and are shown. */
function clean({ port, address, program }: { port: number; address: string; program?: string | undefined }): Listener {
  const shown = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');
  return program === undefined
    ? { port, address: shown(address) }
    : { port, address: shown(address), program: shown(program) };
}
