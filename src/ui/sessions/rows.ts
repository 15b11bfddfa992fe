import { shortened } from '../../core/session/title.ts';
import type { SessionStatus, SessionSummary } from '../../shared/view.ts';
import type { TreeRow } from '../treeRow.ts';
import { hasSandbox } from '../statuses.ts';
import { age, bytes, count } from '../words.ts';

/** How one session looks. Tags: `own` or `locked`, then those of `alive`, `pausable`, `paused`, `snapshots`, `working`, `stopped`,
 * `gone` and `open` that hold. */
export interface SessionRow extends TreeRow {
  readonly id: string;
}

/** Characters of a title beside which a view of the usual width still has room for how the session is. */
const mostLabel = 22;

const icons: Record<SessionStatus, readonly [icon: string, color?: string]> = {
  new: ['circle-outline'],
  starting: ['loading~spin'],
  uploading: ['cloud-upload'],
  idle: ['circle-filled', 'charts.green'],
  working: ['loading~spin'],
  paused: ['debug-pause'],
  stopping: ['loading~spin'],
  stopped: ['debug-stop'],
  interrupted: ['debug-pause', 'charts.yellow'],
  failed: ['error', 'errorForeground'],
  gone: ['circle-slash'],
  ended: ['check'],
};

/** The row of a session at a moment, in milliseconds since the epoch. */
export function sessionRow(session: SessionSummary, now: number): SessionRow {
  const [icon, iconColor] = session.readOnly === undefined ? icons[session.status] : (['lock'] as const);
  const when = session.updatedAt === 0 ? '' : age(now - session.updatedAt);
  const where = session.elsewhere ? 'in another window' : '';
  const changed = session.changes === 0 ? '' : `${session.changes} changed`;
  const stored = session.storedBytes === undefined ? '' : `${bytes(session.storedBytes)} stored here`;
  const attached = session.attached === true ? 'attached' : '';
  const words = [session.statusText, where, changed, when, attached, session.sandbox].filter((word) => word !== '');
  return {
    id: session.id,
    label: shortened(session.title, mostLabel),
    description: words.join(' · '),
    icon,
    ...(iconColor === undefined ? {} : { iconColor }),
    context: contextTags(session),
    tooltip: [session.title, session.folder, words.join(' · '), session.isolation, stored, session.readOnly ?? '']
      .filter((line) => line !== '')
      .join('\n'),
    spoken: spokenRow(session, when),
  };
}

/** What a screen reader says: whole words where the eye makes do with few. */
function spokenRow(session: SessionSummary, when: string): string {
  const changed = session.changes === 0 ? '' : count(session.changes, 'changed file');
  const where = session.elsewhere ? 'in another window' : '';
  const attached = session.attached === true ? 'attached' : '';
  const ago = when === '' || when === 'now' ? when : `${when} ago`;
  return [session.title, session.statusText, where, changed, attached, session.sandbox, ago]
    .filter((word) => word !== '')
    .join(', ');
}

function contextTags({ elsewhere, pause, readOnly, snapshots, status }: SessionSummary): string {
  const tags = [readOnly !== undefined ? 'unreadable' : elsewhere ? 'locked' : 'own'];
  if (hasSandbox(status) && status !== 'stopped' && pause !== 'is') tags.push('alive');
  if (pause !== undefined) tags.push(pause === 'can' ? 'pausable' : 'paused');
  if (snapshots === true) tags.push('snapshots');
  if (status === 'working') tags.push('working');
  if (status === 'stopped') tags.push('stopped');
  if (status === 'gone') tags.push('gone');
  if (status !== 'ended') tags.push('open');
  return tags.join(' ');
}
