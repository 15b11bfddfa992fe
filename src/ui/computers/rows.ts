import type { Computer, Listing, Owner } from '../../core/computers/index.ts';
import { isFree } from '../../core/computers/free.ts';
import { fixOf } from '../../core/session/fixes.ts';
import { visibleLine } from '../../shared/visible.ts';
import type { TreeRow } from '../treeRow.ts';
import { age } from '../words.ts';

/** A kind of sandbox that could not be asked what it has. */
export type Failed = Listing['failed'][number];

/** The row of a computer. Tags: `computer`, then `session`, `foreign`, `attachable` where they hold. */
export function computerRow(computer: Computer): TreeRow {
  const { detail, endsInMs, owner, provider, title } = computer;
  const old = computer.ageMs === undefined ? '' : age(computer.ageMs);
  const ends = endsInMs === undefined ? '' : `shuts down in ${left(endsInMs)}`;
  const isLoose = computer.local === true && owner === undefined;
  const who = isLoose ? 'in no session' : ownerWords(owner);
  const words = [who, detail ?? '', old, ends, provider.title].filter((word) => word !== '');
  const spokenAge = old === '' || old === 'now' ? old : `${old} old`;
  const spoken = [title, who, detail ?? '', spokenAge, ends, provider.title];
  return {
    label: visibleLine(title),
    description: visibleLine(words.join(' · ')),
    ...iconOf(owner),
    context: tagsOf(computer),
    tooltip: [title, ...words, isLoose ? looseText : whose(owner)].map(visibleLine).join('\n'),
    spoken: visibleLine(spoken.filter((word) => word !== '').join(', ')),
  };
}

/** One of this machine was not started elsewhere. */
const looseText = 'It runs on this machine; no session works with it.';

/** The row of a kind that could not be asked: the reason, and the one step that mends it. */
export function failedRow({ provider, problem }: Failed): TreeRow {
  const step = fixOf(problem)?.title ?? '';
  const isSignedOut = problem.id === 'sign-in-needed';
  return {
    label: provider.title,
    description: [step, problem.detail].filter((word) => word !== '').join(' · '),
    icon: isSignedOut ? 'account' : 'warning',
    ...(isSignedOut ? {} : { iconColor: 'charts.yellow' }),
    context: step === '' ? 'failed' : 'failed mendable',
    tooltip: problem.detail,
    spoken: [provider.title, problem.detail, step].filter((word) => word !== '').join(', '),
  };
}

/** Who works with it, in a few words. */
function ownerWords(owner: Owner | undefined): string {
  if (owner === undefined) return 'not from here';
  if (owner.kind === 'leftover') return 'left over';
  if (owner.kind === 'unreadable') return 'of a session that cannot be read';
  if (owner.kind === 'maybe-ours') return 'may be starting here';
  return owner.session.attached === true ? `“${owner.session.title}”, attached` : `“${owner.session.title}”`;
}

function whose(owner: Owner | undefined): string {
  if (owner === undefined) return 'No session of this machine works with it: it was started elsewhere.';
  if (owner.kind === 'maybe-ours')
    return 'This machine asked for one a moment ago and has no answer yet: it may be this one.';
  if (owner.kind === 'unreadable')
    return 'It belongs to a session of this machine that cannot be read: its record is damaged, or of a newer Airlock.';
  if (owner.kind === 'leftover')
    return 'A session that is no more asked for it. It is deleted by itself once it can be.';
  return owner.session.attached === true
    ? 'A session of this machine is attached to it.'
    : 'A session of this machine works in it.';
}

/** Rounded up: what ends within the minute has a minute left. */
function left(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function iconOf(owner: Owner | undefined): Pick<TreeRow, 'icon' | 'iconColor'> {
  if (owner === undefined || owner.kind === 'maybe-ours') return { icon: 'vm-outline' };
  return owner.kind === 'session'
    ? { icon: 'vm-active', iconColor: 'charts.green' }
    : { icon: 'warning', iconColor: 'charts.yellow' };
}

function tagsOf({ attach, owner }: Computer): string {
  const tags = ['computer', owner?.kind === 'session' ? 'session' : 'foreign'];
  if (attach !== undefined && isFree(owner)) tags.push('attachable');
  return tags.join(' ');
}
