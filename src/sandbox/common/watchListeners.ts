import type { Listener } from '../../core/sandbox.ts';
import { Latest } from './latest.ts';
import type { StatusBoard } from './statusBoard.ts';

/** Begins to look: puts each list into `lists`, ends it when no more will come, and answers with what stops the looking. */
export type Look = (lists: Latest<readonly Listener[]>) => () => void;

/**
 * The ports that programs inside listen on, for as long as somebody iterates: while the sandbox does not run there are
 * none, and after a start they are watched again. Where `lookNow` gives nothing, nothing is told.
 */
export async function* watchListeners(
  lookNow: () => Promise<Look | undefined>,
  board: StatusBoard,
  signal: AbortSignal,
): AsyncGenerator<readonly Listener[]> {
  for await (const status of board.watch(signal)) {
    const look = status.state === 'running' ? await lookNow() : undefined;
    if (look === undefined) yield [];
    else yield* watchOnce(look, signal);
  }
}

async function* watchOnce(look: Look, signal: AbortSignal): AsyncGenerator<readonly Listener[]> {
  const lists = new Latest<readonly Listener[]>();
  const stop = look(lists);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    yield* lists.read();
    if (!signal.aborted) yield [];
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
