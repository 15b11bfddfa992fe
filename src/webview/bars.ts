import { button, el, icon, setText, show } from './element.ts';
import type { Status } from './store.ts';
import { count } from '../shared/count.ts';
import { visibleProse } from '../shared/visible.ts';
import { drawFix } from './transcript/notice.ts';
import type { Context } from './transcript/view.ts';

/** The strips between transcript and prompt: what is in the way, what was interrupted, what waits to be reviewed. */
export class Bars {
  readonly element: HTMLElement;
  private readonly context: Context;
  private readonly blocked = el('div', 'bar blocked');
  private readonly interrupted: HTMLElement;
  private readonly pending: HTMLElement;
  private readonly changes = el('span', 'bar-text');
  private blockedKey = '';

  constructor(context: Context) {
    this.context = context;
    const { post } = context;
    const goOn = button({
      label: 'Continue',
      icon: 'debug-continue',
      look: 'primary',
      onClick: () => post({ type: 'continue' }),
    });
    const review = button({
      label: 'Review',
      icon: 'diff-multiple',
      look: 'primary',
      onClick: () => post({ type: 'review' }),
    });
    review.title = 'Review the changes; nothing comes home before you accept it';
    const words = el('span', 'bar-text', 'The last turn was interrupted.');
    this.interrupted = el('div', 'bar', icon('warning'), words, goOn);
    this.pending = el('div', 'bar', icon('diff-multiple'), this.changes, review);
    this.element = el('div', 'bars', this.blocked, this.interrupted, this.pending);
  }

  /** @param isEmpty the transcript is empty, so that the empty state says what is in the way */
  update(status: Status, isEmpty: boolean): void {
    const changes = status.session?.changes ?? 0;
    // The window that works with the session is the one that holds what changed.
    show(this.pending, changes > 0 && status.session?.elsewhere !== true);
    setText(this.changes, `${count(changes, 'file')} changed`);
    show(this.interrupted, status.canContinue);
    show(this.blocked, status.blocked !== undefined && !isEmpty);
    this.drawBlocked(status.blocked);
  }

  private drawBlocked(blocked: Status['blocked']): void {
    const key = JSON.stringify(blocked ?? '');
    if (key === this.blockedKey) return;
    this.blockedKey = key;
    if (blocked === undefined) return;
    const fixes = blocked.fix === undefined ? [] : drawFix(this.context, blocked.fix);
    this.blocked.replaceChildren(icon('warning'), el('span', 'bar-text', visibleProse(blocked.text)), ...fixes);
  }
}
