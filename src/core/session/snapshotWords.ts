import type { LogEvent } from './events.ts';

/** What the transcript says of a snapshot. */
export function snapshotWords({ t, at }: Extract<LogEvent, { t: 'snapshot-taken' | 'snapshot-intent' }>): string {
  if (t === 'snapshot-taken') return 'Snapshot taken: you can go back to the sandbox’s files of now.';
  const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return `You went back to the snapshot of ${time} (UTC). What ran in the sandbox has ended, and its files are those of then; what was taken in until now is kept here.`;
}
