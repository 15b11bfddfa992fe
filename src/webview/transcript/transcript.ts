import { el } from '../element.ts';
import type { Entry } from '../store.ts';
import { Page, pageLength } from './page.ts';
import type { Context } from './view.ts';

/** Distance from the end, in pixels, within which the transcript counts as read to its end. */
const nearEnd = 32;

/** The scrolling list of items: keeps to its end while the person is there, and draws only what is near. */
export class Transcript {
  readonly element: HTMLElement;
  private readonly content = el('div', 'pages');
  private readonly pages: Page[] = [];
  private readonly pageOf = new WeakMap<Element, Page>();
  private readonly context: Context;
  private readonly onStick: (stuck: boolean) => void;
  private readonly changed = new Set<Entry>();
  private readonly near: IntersectionObserver;
  private stuck = true;

  /** @param onStick told when the person leaves the end or comes back to it */
  constructor(context: Context, before: HTMLElement, onStick: (stuck: boolean) => void) {
    this.context = context;
    this.onStick = onStick;
    this.element = el('div', 'transcript', before, this.content);
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'log');
    // The page has one live region of its own: reading out each streamed word would drown everything else.
    this.element.setAttribute('aria-live', 'off');
    this.element.setAttribute('aria-label', 'Transcript');
    this.element.addEventListener('scroll', () => this.setStuck(this.isAtEnd()), { passive: true });
    this.near = new IntersectionObserver((seen) => this.take(seen), { root: this.element, rootMargin: '1000px 0px' });
    const sizes = new ResizeObserver(() => this.keepToEnd());
    sizes.observe(this.content);
    sizes.observe(this.element);
  }

  reset(entries: readonly Entry[]): void {
    this.near.disconnect();
    for (const page of this.pages.splice(0)) page.dispose();
    this.content.replaceChildren();
    this.changed.clear();
    this.add(entries);
    this.toEnd();
  }

  add(entries: readonly Entry[]): void {
    const first = this.pages.length;
    for (const entry of entries) this.pageFor(entry).add(entry);
    this.content.append(...this.pages.slice(first).map(({ element }) => element));
    if (this.stuck && entries.length > 0) for (const page of this.pages.slice(-2)) page.enter();
  }

  update(entries: readonly Entry[]): void {
    for (const entry of entries) this.changed.add(entry);
    if (entries.length > 0) this.context.frames.once(this.drawChanged);
  }

  /** Goes to the newest item and stays there. */
  toEnd(): void {
    this.setStuck(true);
    this.keepToEnd();
  }

  private pageFor({ index }: Entry): Page {
    const number = Math.floor(index / pageLength);
    const known = this.pages[number];
    if (known !== undefined) return known;
    const page = new Page(this.context);
    this.pages.push(page);
    this.pageOf.set(page.element, page);
    this.near.observe(page.element);
    return page;
  }

  private readonly drawChanged = (): void => {
    for (const entry of this.changed) this.pages[Math.floor(entry.index / pageLength)]?.update(entry);
    this.changed.clear();
  };

  private take(seen: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, boundingClientRect } of seen) {
      const page = this.pageOf.get(target);
      if (isIntersecting) page?.enter();
      else page?.leave(boundingClientRect.height);
    }
  }

  private isAtEnd(): boolean {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < nearEnd;
  }

  private keepToEnd(): void {
    if (this.stuck) this.element.scrollTop = this.element.scrollHeight;
  }

  private setStuck(stuck: boolean): void {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    this.onStick(stuck);
  }
}
