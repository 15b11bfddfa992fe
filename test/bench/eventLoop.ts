import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 5;

/** Watches this thread; `stop` answers with the longest time in milliseconds that nothing else could run. */
export function longestBlock(): { stop(): number } {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  return {
    stop() {
      delays.disable();
      return Math.max(0, delays.max / 1e6 - resolutionMs);
    },
  };
}
