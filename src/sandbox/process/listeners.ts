import type { Listener } from '../../core/sandbox.ts';
import type { StatusBoard } from '../common/statusBoard.ts';
import { watchListeners as watch, type Look } from '../common/watchListeners.ts';
import { openLink } from './link.ts';
import { protocolVersion } from './wire.ts';

/** The ports that programs inside listen on. The supervisor looks only while this connection is open. */
export function watchListeners(
  socketNow: () => string | undefined,
  board: StatusBoard,
  signal: AbortSignal,
): AsyncGenerator<readonly Listener[]> {
  const lookNow = () => {
    const socket = socketNow();
    return Promise.resolve(socket === undefined ? undefined : lookAt(socket));
  };
  return watch(lookNow, board, signal);
}

function lookAt(socket: string): Look {
  return (lists) => {
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
    return () => link.close();
  };
}

/** Names come from inside and are shown. */
function clean({ port, address, program }: { port: number; address: string; program?: string | undefined }): Listener {
  const shown = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');
  return program === undefined
    ? { port, address: shown(address) }
    : { port, address: shown(address), program: shown(program) };
}
