/** One measure: both sides were taken in the same run. */
export interface Measure {
  /** Rows that are not judged begin with `info.`. */
  readonly name: string;
  readonly ours: number;
  /** Absent for rows that have nothing to stand beside. */
  readonly theirs?: number;
  readonly unit: string;
  /** True where a larger number is better, such as a throughput. */
  readonly moreIsBetter?: boolean;
  /** Least ratio that the design asks for. */
  readonly limit?: number;
  /** Most that ours may be above theirs, in `unit`, where the design asks for a difference instead of a ratio. */
  readonly mostAdded?: number;
}

/** How many times better ours is: 2 is half the time or twice the throughput. */
export function ratioOf({ ours, theirs, moreIsBetter = false }: Measure): number | undefined {
  if (theirs === undefined) return undefined;
  return moreIsBetter ? ours / theirs : theirs / ours;
}

/** Prints the measures: one JSON line each with `--json`, a table for people otherwise. Sets the exit code on a miss. */
export function report(measures: readonly Measure[], args: readonly string[] = process.argv.slice(2)): void {
  const rows = measures.map((measure) => rowOf(measure));
  if (args.includes('--json')) for (const row of rows) console.log(JSON.stringify(row));
  else console.table(rows.map(({ name, ...columns }) => ({ measure: name, ...columns })));
  if (rows.some(({ pass }) => pass === false)) process.exitCode = 1;
}

function rowOf(measure: Measure) {
  const { name, unit } = measure;
  const ratio = rounded(ratioOf(measure));
  return { name, ours: round(measure.ours), theirs: rounded(measure.theirs), ratio, unit, ...judged(measure) };
}

function judged(measure: Measure): { added?: number; limit?: number; pass?: boolean } {
  const { ours, theirs, limit, mostAdded } = measure;
  if (mostAdded !== undefined && theirs !== undefined) {
    return { added: round(ours - theirs), limit: mostAdded, pass: ours - theirs <= mostAdded };
  }
  const ratio = ratioOf(measure);
  return limit === undefined || ratio === undefined ? {} : { limit, pass: ratio >= limit };
}

const round = (value: number): number => Number(value.toPrecision(4));
const rounded = (value: number | undefined): number | null => (value === undefined ? null : round(value));

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Slower than nineteen of twenty. */
export function slow(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
}

/** Milliseconds that `act` takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}
