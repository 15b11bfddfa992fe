import { el } from '../element.ts';
import type { Entry } from '../store.ts';
import { stretchOf } from './heights.ts';
import { Page, pageLength } from './page.ts';
import type { Context } from './view.ts';

/** Distance from the end, in pixels, within which the transcript counts as read to its end. */
const nearEnd = 32;

/** Pixels above and below what is seen that are drawn too. */
const margin = 500;

/** Pages that are kept for the sake of one in which something is selected or focused. */
const mostHeld = 20;

/**
 * The scrolling list of items. It keeps to its end while the person is there. Only the pages near what is seen are in
 * the document, between two spacers, so that a long transcript costs what a short one does.
 */
export class Transcript {
  readonly element: HTMLElement;
  private readonly content = el('div', 'pages');
  private readonly above = el('div', 'spacer');
  private readonly below = el('div', 'spacer');
  private readonly pages: Page[] = [];
  private readonly shown = new Set<Page>();
  private readonly pageOf = new WeakMap<Element, Page>();
  private readonly context: Context;
  private readonly onStick: (stuck: boolean) => void;
  private readonly changed = new Set<Entry>();
  private readonly sizes: ResizeObserver;
  private stuck = true;
  private lastTop = 0;

  /** @param onStick told when the person leaves the end or comes back to it */
  constructor(context: Context, before: HTMLElement, onStick: (stuck: boolean) => void) {
    this.context = context;
    this.onStick = onStick;
    this.content.append(this.above, this.below);
    this.element = el('div', 'transcript', before, this.content);
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'log');
    // The page has one live region of its own: reading out each streamed word would drown everything else.
    this.element.setAttribute('aria-live', 'off');
    this.element.setAttribute('aria-label', 'Transcript');
    this.element.addEventListener('scroll', this.scrolled, { passive: true });
    this.sizes = new ResizeObserver((seen) => this.measure(seen));
    this.sizes.observe(this.content);
    this.sizes.observe(this.element);
  }

  reset(entries: readonly Entry[]): void {
    for (const page of this.shown) this.hide(page);
    this.pages.length = 0;
    this.changed.clear();
    this.setStuck(true);
    this.add(entries);
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.pageFor(entry).add(entry);
    this.context.frames.once(this.place);
  }

  update(entries: readonly Entry[]): void {
    for (const entry of entries) this.changed.add(entry);
    if (entries.length > 0) this.context.frames.once(this.drawChanged);
  }

  /** Goes to the newest item and stays there. */
  toEnd(): void {
    this.setStuck(true);
    this.keepToEnd();
    this.context.frames.once(this.place);
  }

  private pageFor({ index }: Entry): Page {
    const number = Math.floor(index / pageLength);
    const known = this.pages[number];
    if (known !== undefined) return known;
    const page = new Page(this.context);
    this.pages.push(page);
    this.pageOf.set(page.element, page);
    return page;
  }

  /** Puts the pages near what is seen into the document, and takes the others out. */
  private readonly place = (): void => {
    const heights = this.pages.map(({ height }) => height);
    const total = heights.reduce((sum, height) => sum + height, 0);
    const { clientHeight } = this.element;
    const top = this.stuck ? total - clientHeight : this.element.scrollTop;
    const near = stretchOf(heights, top - margin, top + clientHeight + margin);
    const first = this.heldFrom(near.first);
    const end = this.heldTo(near.end);
    const wanted = this.pages.slice(first, end);
    for (const page of this.shown) if (!wanted.includes(page)) this.hide(page);
    let previous: Element = this.above;
    for (const page of wanted) {
      if (previous.nextElementSibling !== page.element) previous.after(page.element);
      previous = page.element;
      this.show(page);
    }
    const sum = (from: number, to: number): number => heights.slice(from, to).reduce((all, height) => all + height, 0);
    this.above.style.height = `${near.above - sum(first, near.first)}px`;
    this.below.style.height = `${near.below - sum(near.end, end)}px`;
  };

  private heldFrom(first: number): number {
    const from = Math.max(0, first - mostHeld);
    const held = this.pages.slice(from, first).findIndex((page) => page.isHeld());
    return held < 0 ? first : from + held;
  }

  private heldTo(end: number): number {
    const held = this.pages.slice(end, end + mostHeld).findLastIndex((page) => page.isHeld());
    return held < 0 ? end : end + held + 1;
  }

  private show(page: Page): void {
    if (this.shown.has(page)) return;
    this.shown.add(page);
    this.sizes.observe(page.element);
    page.enter();
  }

  private hide(page: Page): void {
    this.shown.delete(page);
    this.sizes.unobserve(page.element);
    page.leave();
  }

  private measure(seen: readonly ResizeObserverEntry[]): void {
    for (const { target, contentRect } of seen) {
      const page = this.pageOf.get(target);
      if (page !== undefined && this.shown.has(page)) page.height = contentRect.height;
    }
    this.keepToEnd();
    this.context.frames.once(this.place);
  }

  private readonly drawChanged = (): void => {
    for (const entry of this.changed) this.pages[Math.floor(entry.index / pageLength)]?.update(entry);
    this.changed.clear();
  };

  private readonly scrolled = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    // A scroll is told a frame later, when more may have grown below: only who goes up leaves the end.
    if (scrollHeight - scrollTop - clientHeight < nearEnd) this.setStuck(true);
    else if (scrollTop < this.lastTop) this.setStuck(false);
    this.lastTop = scrollTop;
    this.context.frames.once(this.place);
  };

  private keepToEnd(): void {
    if (!this.stuck) return;
    this.element.scrollTop = this.element.scrollHeight;
    this.lastTop = this.element.scrollTop;
  }

  private setStuck(stuck: boolean): void {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    this.onStick(stuck);
  }
}
