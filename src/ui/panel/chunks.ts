import type { ToPanel } from '../../shared/protocol.ts';
import type { PanelState, TranscriptItem } from '../../shared/view.ts';

/** What one message carries at most: the page reads a message at once, and must not stop for it. */
const most = { items: 200, characters: 200_000 };

/** The full state as messages: the state with the first items, then the others in order. */
export function stateMessages(state: PanelState): ToPanel[] {
  const [first = [], ...rest] = split(state.transcript);
  return [
    { type: 'state', state: { ...state, transcript: first } },
    ...rest.map((items): ToPanel => ({ type: 'items', items })),
  ];
}

function split(items: readonly TranscriptItem[]): TranscriptItem[][] {
  const chunks: TranscriptItem[][] = [];
  let characters = Infinity;
  for (const item of items) {
    const weight = weightOf(item);
    const last = chunks.at(-1);
    if (last === undefined || last.length >= most.items || characters + weight > most.characters) {
      chunks.push([item]);
      characters = weight;
    } else {
      last.push(item);
      characters += weight;
    }
  }
  return chunks;
}

function weightOf(item: TranscriptItem): number {
  if (item.kind === 'command') return item.command.length + item.output.length;
  return item.kind === 'edit' ? (item.diff ?? '').length : item.text.length;
}
