import type { TranscriptItem } from '../../shared/view.ts';

const line = 19;

/** The height that an item will about have, in pixels: so that the scroll bar is about right before it is drawn. */
export function guessHeight(item: TranscriptItem): number {
  switch (item.kind) {
    case 'prompt':
      return 40 + line * Math.min(40, linesOf(item.text));
    case 'message':
      return 12 + line * Math.min(400, linesOf(item.text));
    case 'command':
      return 70 + (item.state === 'ended' && item.ok === true ? 0 : line * Math.min(17, linesOf(item.output)));
    case 'edit':
      return 46 + (item.diff === undefined ? 0 : line * Math.min(20, linesOf(item.diff)));
    case 'notice':
      return 60;
  }
}

function linesOf(text: string): number {
  let lines = 1 + text.length / 120;
  for (let at = text.indexOf('\n'); at >= 0 && lines < 500; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** A stretch of pages: the first and the one after the last, and what lies around it in pixels. */
export interface Stretch {
  readonly first: number;
  readonly end: number;
  readonly above: number;
  readonly below: number;
}

/** Which of the stacked pages touch the space from `top` to `bottom`; always at least one where there is any. */
export function stretchOf(heights: readonly number[], top: number, bottom: number): Stretch {
  let first = 0;
  let above = 0;
  while (first < heights.length - 1 && above + (heights[first] ?? 0) <= top) above += heights[first++] ?? 0;
  let end = first;
  let reached = above;
  while (end < heights.length && (reached < bottom || end === first)) reached += heights[end++] ?? 0;
  const below = heights.slice(end).reduce((sum, height) => sum + height, 0);
  return { first, end, above, below };
}
