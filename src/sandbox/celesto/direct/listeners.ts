import type { Look } from '../../common/watchListeners.ts';
import { mostText, parseListeners } from '../../relay/listeners.ts';
import type { Begin } from './connection.ts';
import { listenersScript } from './inside/listeners.ts';

/** Looks at the ports that programs inside listen on, over a terminal of its own. */
export function lookDirect(begin: Begin): Look {
  return (lists) => {
    let text = '';
    const talk = begin(
      { text: listenersScript, seconds: 1 },
      {
        word: ({ word }) => {
          if (word !== 'l') return;
          lists.put(parseListeners(text));
          text = '';
        },
        data: (bytes) => (text = (text + Buffer.from(bytes).toString('latin1')).slice(-mostText)),
        closed: () => lists.end(),
      },
    );
    return () => talk.close();
  };
}
