import type { Post } from '../border.ts';
import type { Frames } from '../frames.ts';
import type { Entry } from '../store.ts';
import type { Ticker } from '../ticker.ts';

/** What draws one item; it may be thrown away and made again while the person scrolls. */
export interface ItemView {
  readonly element: HTMLElement;
  update(entry: Entry): void;
  dispose?(): void;
}

/** What all views share. */
export interface Context {
  readonly post: Post;
  readonly frames: Frames;
  readonly ticker: Ticker;
  /** Whether the person opened or closed a part, by the item's id: outlives the view. */
  readonly opened: Map<string, boolean>;
  /** Tells screen readers. */
  readonly announce: (text: string) => void;
}
