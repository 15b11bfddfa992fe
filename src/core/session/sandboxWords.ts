import type { LogEvent } from './events.ts';

type Event<T extends LogEvent['t']> = Extract<LogEvent, { t: T }>;

/** What the transcript says once a sandbox was taken over. */
export function attachedWords({ title }: Event<'attached'>): string {
  return `You attached “${title}”. What it held before is not known: where it and your folder differ, the review shows both sides and cannot tell which is newer. Ending the session lets go of it; it lives on.`;
}

/** What it says of a snapshot, in the second case before all inside is replaced. */
export function snapshotWords({ t, at }: Event<'snapshot-taken' | 'snapshot-intent'>): string {
  if (t === 'snapshot-taken') return 'Snapshot taken: you can go back to the sandbox’s files of now.';
  const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return `Going back to the snapshot of ${time} (UTC): what runs in the sandbox ends, and its files become those of then. What was taken in until now is kept here.`;
}

/** What it says at the end of a session. */
export function endedWords({ kept }: Event<'ended'>): string {
  return kept === true
    ? 'Session ended. Its computer had been attached and lives on; transcript and pending changes stay here.'
    : 'Session ended. Its sandbox is deleted; the transcript and pending changes stay here.';
}
