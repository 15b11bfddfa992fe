import { el } from '../element.ts';
import type { Entry } from '../store.ts';
import { guessHeight } from './heights.ts';
import { viewOf } from './views.ts';
import type { Context, ItemView } from './view.ts';

/** Items per page: few, so that drawing one page never takes a frame's time. */
export const pageLength = 6;

/** A stretch of the transcript that is in the document only while it is near what is seen. */
export class Page {
  readonly element = el('div', 'page');
  /** Pixels that it takes: guessed, then measured. */
  height = 0;
  private readonly entries: Entry[] = [];
  private readonly views: ItemView[] = [];
  private readonly context: Context;
  private live = false;
  private filling = false;

  constructor(context: Context) {
    this.context = context;
  }

  add(entry: Entry): void {
    this.entries.push(entry);
    if (this.live) this.fillSoon();
    else this.height += guessHeight(entry.item);
  }

  /** Draws the item again where it is drawn. */
  update(entry: Entry): void {
    this.views[entry.index % pageLength]?.update(entry);
  }

  enter(): void {
    if (this.live) return;
    this.live = true;
    this.element.style.minHeight = `${this.height}px`;
    this.fillSoon();
  }

  leave(): void {
    this.live = false;
    for (const view of this.views.splice(0)) view.dispose?.();
    this.element.remove();
    this.element.replaceChildren();
  }

  /** True while the person has selected something in it or has the focus there: it must not go then. */
  isHeld(): boolean {
    if (!this.live) return false;
    const selection = window.getSelection();
    const isSelected = selection !== null && !selection.isCollapsed && selection.containsNode(this.element, true);
    return isSelected || this.element.contains(document.activeElement);
  }

  private fillSoon(): void {
    if (this.filling) return;
    this.filling = true;
    this.context.frames.work(this.fillNext);
  }

  private readonly fillNext = (): boolean => {
    const entry = this.entries[this.views.length];
    if (entry !== undefined && this.live) {
      const view = viewOf(this.context, entry);
      this.views.push(view);
      this.element.append(view.element);
    }
    this.filling = this.live && this.views.length < this.entries.length;
    if (!this.filling && this.live) this.element.style.minHeight = '';
    return this.filling;
  };
}
