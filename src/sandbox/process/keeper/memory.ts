import type { Held } from './held.ts';
import { descendantsOf, ownMemoryOf, startTimeOf } from './processes.ts';

const everyMs = 2000;
const mib = 1024 * 1024;

/**
 * Limits per process do not limit their sum. This watches the sum from outside, where nothing inside can stop the watch,
 * and ends the largest process while it is over the limit.
 */
export function watchMemory(held: Held, limitMb: number): void {
  if (held.child === 0 || limitMb <= 0) return;
  const timer = setInterval(() => endLargest(held, limitMb * mib), everyMs);
  void held.ended.then(() => clearInterval(timer));
}

function endLargest(held: Held, limit: number): void {
  if (startTimeOf(held.child) !== held.childStart) return;
  const sizes = descendantsOf(held.child).map((pid) => ({ pid, bytes: ownMemoryOf(pid), start: startTimeOf(pid) }));
  let sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
  for (const { pid, bytes, start } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (sum <= limit) return;
    if (start === undefined || startTimeOf(pid) !== start) continue;
    process.kill(pid, 'SIGKILL');
    sum -= bytes;
  }
}
