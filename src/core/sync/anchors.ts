/** Positions at which one line stands on all three sides. */
export interface Anchor {
  readonly o: number;
  readonly a: number;
  readonly b: number;
}

type Lines = readonly string[];

/**
 * Lines that stand exactly once on each side and in the same order on all: between two of them a merge may be made
 * apart from the rest, which keeps its time near the size of the files instead of its square.
 */
export function anchorsOf(o: Lines, a: Lines, b: Lines): Anchor[] {
  const inA = onlyPlaces(a);
  const inB = onlyPlaces(b);
  const common: Anchor[] = [];
  for (const [line, place] of onlyPlaces(o)) {
    const [placeA, placeB] = [inA.get(line), inB.get(line)];
    if (placeA !== undefined && placeB !== undefined) common.push({ o: place, a: placeA, b: placeB });
  }
  return rising(
    rising(common, (anchor) => anchor.a),
    (anchor) => anchor.b,
  );
}

/** The lines that stand only once, with their place, in order. */
function onlyPlaces(lines: Lines): Map<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (const [place, line] of lines.entries()) {
    if (places.has(line)) repeated.add(line);
    else places.set(line, place);
  }
  for (const line of repeated) places.delete(line);
  return places;
}

/** The longest run of items, in their order, whose `key` rises. */
function rising<T>(items: readonly T[], key: (item: T) => number): T[] {
  // For each length the item that a run of that length can end with at the lowest key, and what comes before each item.
  const ends: { item: T; before: number; at: number }[] = [];
  const steps: { item: T; before: number }[] = [];
  for (const item of items) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const end = ends[middle];
      if (end !== undefined && key(end.item) < key(item)) low = middle + 1;
      else high = middle;
    }
    const before = ends[low - 1]?.at ?? -1;
    ends[low] = { item, before, at: steps.length };
    steps.push({ item, before });
  }
  const run: T[] = [];
  for (let step = steps[ends.at(-1)?.at ?? -1]; step !== undefined; step = steps[step.before]) run.push(step.item);
  return run.reverse();
}
