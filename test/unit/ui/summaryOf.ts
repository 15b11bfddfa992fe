import type { SessionSummary } from '../../../src/shared/view.ts';

/** The summary of some session that is ready. */
export function summaryOf(more: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id: 's-1',
    title: 'Fix the test',
    sandbox: 'Box',
    isolation: 'A box with walls.',
    folder: 'proj',
    status: 'idle',
    statusText: 'Ready',
    createdAt: 0,
    updatedAt: 1,
    changes: 0,
    elsewhere: false,
    ...more,
  };
}
