import type { Fix } from '../../shared/view.ts';
import type { Post } from '../border.ts';
import { button, el, icon } from '../element.ts';
import type { Entry } from '../store.ts';
import { visibleCode, visibleProse } from '../../shared/visible.ts';
import { copyButton } from './copy.ts';
import type { Context, ItemView } from './view.ts';

const words = { info: 'Note', warning: 'Warning', error: 'Error' } as const;

/** A sentence of ours, with at most one button that mends what it says. */
export function noticeView(context: Context): ItemView {
  const element = el('article', 'item notice');
  const update = ({ item }: Entry): void => {
    if (item.kind !== 'notice') return;
    element.className = `item notice ${item.level}`;
    const text = el('p', '', el('strong', 'level', `${words[item.level]}: `), visibleProse(item.text.slice(0, 5_000)));
    const fixes = item.fix === undefined ? [] : drawFix(context, item.fix);
    element.replaceChildren(icon(item.level), el('div', 'notice-body', text, ...fixes));
  };
  return { element, update };
}

/** The command that mends a problem, to be copied and never run from here, or the button that does. */
export function drawFix(context: Context, fix: Fix): HTMLElement[] {
  const { command } = fix;
  return [command === undefined ? fixButton(context.post, fix) : fixCommand(context, command)];
}

function fixCommand(context: Context, command: string): HTMLElement {
  const copy = copyButton(context, 'Copy command', () => command);
  return el('div', 'fix-command', el('code', '', visibleCode(command)), copy);
}

/** The one button that mends what a notice or a card tells of. */
export function fixButton(post: Post, fix: Fix): HTMLButtonElement {
  return button({ label: fix.title, look: 'primary', onClick: () => post({ type: 'fix', id: fix.id }) });
}
