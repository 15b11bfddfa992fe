import { el } from './element.ts';
import type { Entry, Status } from './store.ts';
import { count } from '../shared/count.ts';
import { visibleLine } from '../shared/visible.ts';

const longest = 300;
const mostAtOnce = 5;

/** The page's one live region: says the end of a turn and errors to screen readers, politely and once. */
export class Announcer {
  readonly element = el('div', 'sr-only');
  private wasBusy = false;

  constructor() {
    this.element.setAttribute('aria-live', 'polite');
    this.element.setAttribute('role', 'status');
  }

  say(text: string): void {
    // The same words twice would not be read again, so the region always gets a new node.
    this.element.replaceChildren(el('p', '', visibleLine(text).slice(0, longest)));
  }

  /** Tells what came just now; a whole stretch at once is the past being drawn, which is not told. */
  tell(added: readonly Entry[]): void {
    if (added.length > mostAtOnce) return;
    for (const { item } of added) {
      if (item.kind === 'notice' && item.level !== 'info')
        this.say(`${item.level === 'error' ? 'Error' : 'Warning'}: ${item.text}`);
    }
  }

  update({ canStop, session }: Status): void {
    const ended = this.wasBusy && !canStop && session !== undefined;
    this.wasBusy = canStop;
    if (!ended) return;
    if (session.status === 'idle') this.say(`The agent is done. ${count(session.changes, 'file')} changed.`);
    else this.say(`The agent does not work any more: ${session.statusText}`);
  }
}
