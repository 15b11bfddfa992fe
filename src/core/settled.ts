import type { Problem } from './problem.ts';

/** What was asked of a sandbox and is now true. */
export type Settled = { kind: 'done' } | { kind: 'unknown'; problem: Problem } | { kind: 'failed'; problem: Problem };
