import type { RelPath } from '../paths.ts';
import type { Side } from './types.ts';

/** What a rejection remembers: the bytes that were refused, or that a deletion, a folder or a link was. */
export function contentKey(side: Side): string {
  if (typeof side === 'string') return side;
  if (side.t === 'file') return side.blob;
  return side.t === 'dir' ? 'dir' : `link ${side.target}`;
}

/** Changes that were refused, by path and content: the same bytes are not offered again, other ones are. */
export class Rejections {
  readonly #refused = new Map<RelPath, Set<string>>();

  add(path: RelPath, content: string): void {
    const contents = this.#refused.get(path) ?? new Set();
    this.#refused.set(path, contents.add(content));
  }

  /** All are offered again. */
  clear(): void {
    this.#refused.clear();
  }

  has(path: RelPath, theirs: Side): boolean {
    return this.#refused.get(path)?.has(contentKey(theirs)) ?? false;
  }
}
