import type { Look } from '../../common/watchListeners.ts';
import { ListenerLines } from '../../relay/listeners.ts';
import type { Begin } from './connection.ts';
import { listenersScript } from './inside/listeners.ts';

/** Looks at the ports that programs inside listen on, over a terminal of its own. */
export function lookDirect(begin: Begin): Look {
  return (lists) => {
    const list = new ListenerLines();
    const talk = begin(
      { text: listenersScript, seconds: 1 },
      {
        word: ({ word }) => {
          if (word === 'l') lists.put(list.take());
        },
        data: (bytes) => list.push(bytes),
        closed: () => lists.end(),
      },
    );
    return () => talk.close();
  };
}
