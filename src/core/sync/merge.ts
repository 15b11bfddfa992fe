import { diff3Merge } from 'node-diff3';
import { anchorsOf } from './anchors.ts';
import { maxMergedBytes } from './sizes.ts';

/** Above this many comparisons of lines, some tenths of a second, a merge would hold up everything else. */
const maxComparisons = 20_000_000;

export type Merged =
  | { readonly kind: 'clean'; readonly bytes: Uint8Array }
  /** Both changed the same lines. */
  | { readonly kind: 'conflict' }
  /** Not text, or too much of it. */
  | { readonly kind: 'binary' };

/**
 * Merges what two sides made of `base`, line by line. Bytes that neither side changed stay as they are: line endings,
 * encoding, a missing newline at the end. Never throws.
 */
export function mergeText(base: Uint8Array, ours: Uint8Array, theirs: Uint8Array): Merged {
  const sides = [base, ours, theirs];
  if (sides.some((side) => side.length > maxMergedBytes || isBinary(side))) return { kind: 'binary' };
  const [o = [], a = [], b = []] = sides.map(linesOf);
  const merged: string[] = [];
  for (const [mo, ma, mb] of segments(o, a, b)) {
    const part = mergeSegment(mo, ma, mb);
    if (typeof part === 'string') return { kind: part };
    for (const line of part) merged.push(line);
  }
  // A last line without newline that is last no more would swallow the line behind it.
  if (merged.slice(0, -1).some((line) => !line.endsWith('\n'))) return { kind: 'conflict' };
  return { kind: 'clean', bytes: Buffer.from(merged.join(''), 'latin1') };
}

type Three = readonly [o: string[], a: string[], b: string[]];

/** The three sides cut before each anchor. */
function* segments(o: string[], a: string[], b: string[]): Generator<Three> {
  let from = { o: 0, a: 0, b: 0 };
  for (const to of anchorsOf(o, a, b)) {
    yield [o.slice(from.o, to.o), a.slice(from.a, to.a), b.slice(from.b, to.b)];
    from = to;
  }
  yield [o.slice(from.o), a.slice(from.a), b.slice(from.b)];
}

function mergeSegment(...[o, a, b]: Three): string[] | 'conflict' | 'binary' {
  const { head, tail } = commonEnds([o, a, b]);
  const [mo = [], ma = [], mb = []] = [o, a, b].map((lines) => lines.slice(head, lines.length - tail));
  if (comparisons(mo, ma) + comparisons(mo, mb) > maxComparisons) return 'binary';
  const merged = o.slice(0, head);
  for (const region of diff3Merge(ma, mo, mb, { excludeFalseConflicts: true })) {
    if (region.ok === undefined) return 'conflict';
    for (const line of region.ok) merged.push(line);
  }
  for (const line of o.slice(o.length - tail)) merged.push(line);
  return merged;
}

/** A NUL byte never stands in text as tools on lines know it; UTF-16 is binary to them, too. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.includes(0);
}

/** Lines with their endings, each byte one character, so that joining them gives the same bytes. */
function linesOf(bytes: Uint8Array): string[] {
  return (
    Buffer.from(bytes)
      .toString('latin1')
      .match(/[^\n]*\n|[^\n]+$/g) ?? []
  );
}

/** Lines that all three begin and end with: the merge would find them, in time that grows with their square. */
function commonEnds(sides: readonly (readonly string[])[]): { head: number; tail: number } {
  const [first = []] = sides;
  const shortest = Math.min(...sides.map((side) => side.length));
  let head = 0;
  while (head < shortest && sides.every((side) => side[head] === first[head])) head += 1;
  let tail = 0;
  const same = (back: number) => sides.every((side) => side[side.length - back] === first[first.length - back]);
  while (tail < shortest - head && same(tail + 1)) tail += 1;
  return { head, tail };
}

/** The work of finding the longest common run: for every line on one side, each equal one on the other, in a search. */
function comparisons(one: readonly string[], other: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const line of other) counts.set(line, (counts.get(line) ?? 0) + 1);
  let pairs = 0;
  for (const line of one) pairs += counts.get(line) ?? 0;
  return Math.max(pairs, 1) * Math.min(one.length, other.length);
}
