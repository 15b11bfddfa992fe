import { few } from '../shared/few.ts';
import { visibleLine } from '../shared/visible.ts';

export { bytes } from '../shared/bytes.ts';
export { count } from '../shared/count.ts';

/** How long ago, in the largest fitting unit: `now`, `5 min`, `3 h`, `2 d`. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** The first few of a list, then how many more. They are names from anywhere: what would forge the text is named. */
export function firstFew(items: readonly string[], most = 5): string {
  return few(items.map(visibleLine), most);
}
