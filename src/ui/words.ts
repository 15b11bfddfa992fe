import { visibleLine } from '../shared/visible.ts';

/** `1 file`, `3 files`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`;
}

/** Bytes as people read them: `512 B`, `3.1 MB`. Decimal units, as file managers show them. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

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
  const shown = items.slice(0, most).map(visibleLine).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
