import type { SessionId } from '../../shared/ids.ts';
import type { Change, ChangeSet, Side } from '../../core/sync/types.ts';

/** What each session's last review showed, so that an apply can say what has become another content since. */
export class SeenReviews {
  readonly #seen = new Map<SessionId, ReadonlyMap<string, string>>();

  /** A review of this set was opened. */
  remember(session: SessionId, { changes }: ChangeSet): void {
    this.#seen.set(session, new Map(changes.map((change) => [change.path, writtenBy(change)])));
  }

  /** Those of `changes` that the last review did not show as they are now. Empty where nothing was reviewed. */
  movedOn(session: SessionId, changes: readonly Change[]): readonly Change[] {
    const seen = this.#seen.get(session);
    return seen === undefined ? [] : changes.filter((change) => seen.get(change.path) !== writtenBy(change));
  }
}

function writtenBy({ theirs, result }: Change): string {
  return content(result ?? theirs);
}

function content(side: Side): string {
  if (typeof side === 'string') return side;
  if (side.t === 'file') return `${side.blob}${side.exec ? ' exec' : ''}`;
  return side.t === 'link' ? `link ${side.target}` : 'dir';
}
