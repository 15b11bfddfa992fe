import type { Listener } from '../../core/sandbox.ts';
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
  let latest: readonly Listener[] | undefined;
  const state = { over: false };
  let wake: () => void = () => undefined;
  const link = openLink(
    socket,
    { v: protocolVersion, kind: 'listeners' },
    {
      data: () => undefined,
      event: (event) => {
        if (event.event === 'listeners') latest = event.list.map(clean);
        wake();
      },
      over: () => {
        state.over = true;
        wake();
      },
    },
  );
  const stop = () => link.close();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for (;;) {
      if (latest !== undefined) {
        const list = latest;
        latest = undefined;
        yield list;
      } else if (state.over) {
        if (!signal.aborted) yield [];
        return;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
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
