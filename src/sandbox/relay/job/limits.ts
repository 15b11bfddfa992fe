import type { Patience } from './way.ts';

/** Broken ways in a row, without a byte in between, after which nothing can be known. */
export const mostBroken = 8;
/** Requests to begin that may all have been lost before they arrived. */
export const mostBeginnings = 4;
/** The job answers an abort within 8 s; past this it does not answer. Told something, it hears it at once. */
export const usualPatience: Patience = { hearWithinMs: 10_000, answerWithinMs: 20_000 };
/** Something is known by then of a command that is looked for, or it cannot be known. */
export const foundWithinMs = 30_000;
export const askAgainMs = 300;
/** A sandbox that answers at once and says nothing is not asked without a pause. */
export const noProgressMs = 50;
/** A command's end at its deadline is told by then, or never. */
export const afterDeadlineMs = 60_000;
