import { el, hidden } from '../element.ts';
import type { Entry } from '../store.ts';
import { visibleProse } from '../../shared/visible.ts';
import type { ItemView } from './view.ts';

const longest = 50_000;

/** What the person asked for. */
export function promptView(): ItemView {
  const text = el('div', 'prompt-text');
  text.dir = 'auto';
  const heading = el('h2', 'sr-only', 'You asked');
  const element = el('article', 'item prompt', heading, text);
  return { element, update: ({ item }: Entry) => item.kind === 'prompt' && fill(text, item.text) };
}

function fill(element: HTMLElement, text: string): void {
  element.replaceChildren(visibleProse(text.slice(0, longest)));
  if (text.length > longest) element.append(' …', hidden('The rest of a long prompt is not shown.'));
}
