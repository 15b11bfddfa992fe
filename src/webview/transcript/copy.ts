import { button } from '../element.ts';
import type { Context } from './view.ts';

const longest = 1_000_000;
const shownFor = 1500;

/** An icon that copies; the extension does the copying, as a page may not always. */
export function copyButton(context: Context, label: string, text: () => string): HTMLButtonElement {
  const made = button({
    label,
    icon: 'copy',
    look: 'icon',
    onClick: () => {
      context.post({ type: 'copy', text: text().slice(0, longest) });
      context.announce('Copied');
      swap(made, 'copy', 'check');
      window.setTimeout(() => {
        swap(made, 'check', 'copy');
      }, shownFor);
    },
  });
  return made;
}

function swap(within: HTMLElement, from: string, to: string): void {
  within.querySelector('.codicon')?.classList.replace(`codicon-${from}`, `codicon-${to}`);
}
