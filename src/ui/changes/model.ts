import type { RelPath } from '../../core/paths.ts';
import { isFile } from '../../core/sync/resolve.ts';
import { maxMergedBytes } from '../../core/sync/sizes.ts';
import { byPath } from '../../core/sync/tree.ts';
import type { SessionId } from '../../shared/ids.ts';
import { visibleLine } from '../../shared/visible.ts';
import type { Change, ChangeSet, DangerId, Side } from '../../core/sync/types.ts';

export type GroupId = 'changes' | 'conflicts' | 'quarantine' | 'blocked';

export interface Group {
  readonly id: GroupId;
  readonly title: string;
  readonly tooltip: string;
  readonly changes: readonly Change[];
}

const groupTexts: Record<GroupId, readonly [title: string, tooltip: string]> = {
  changes: ['Changes', 'What the sandbox changed and your folder can take.'],
  conflicts: ['Conflicts', 'Changed on both sides. Checking one takes the sandbox’s side whole.'],
  quarantine: [
    'Runs by Itself',
    'Would run or change how tools run, without you starting it. Read it before you check it.',
  ],
  blocked: ['Cannot Come Home', 'Stays in the sandbox.'],
};

const groupOrder = Object.keys(groupTexts) as GroupId[];

const dangers: Record<DangerId, string> = {
  'editor-config': 'an editor or tool runs it',
  'git-config': 'Git runs or obeys it',
  'git-repository': 'looks like a Git repository',
  'ci-workflow': 'runs on your build server',
  'package-script': 'scripts that package tools run',
  'agent-config': 'agents obey it',
  'shell-environment': 'runs when a shell enters the folder',
  'install-hook': 'runs at install',
  'build-hook': 'the build runs it',
  'executable-bit': 'becomes a program',
};

/** Which group a change is shown in: what may not come home, then what runs by itself, then what collides. */
export function groupOf(change: Change): GroupId {
  if (change.merge === 'blocked') return 'blocked';
  if (change.danger.length > 0) return 'quarantine';
  return isConflict(change) ? 'conflicts' : 'changes';
}

/** Both sides changed it and only one whole side can be taken. */
export function isConflict({ merge }: Change): boolean {
  return merge === 'conflict' || merge === 'binary';
}

/** The groups that hold something, in the order in which they are shown. */
export function groupsOf(set: ChangeSet | undefined): readonly Group[] {
  return groupOrder
    .map((id) => {
      const changes = (set?.changes ?? []).filter((change) => groupOf(change) === id);
      const [title, tooltip] = groupTexts[id];
      return { id, title, tooltip, changes: changes.toSorted((a, b) => byPath(a.path, b.path)) };
    })
    .filter(({ changes }) => changes.length > 0);
}

/** What taking the change does to the folder. */
export function verbOf({ ours, theirs, merge }: Change): 'added' | 'deleted' | 'modified' | 'merged' {
  if (theirs === 'absent') return 'deleted';
  if (ours === 'absent') return 'added';
  return merge === 'auto' ? 'merged' : 'modified';
}

/** Why a change is not simply checked, in plain words; empty for an ordinary one. */
export function reasonOf(change: Change): string {
  if (change.merge === 'blocked') return change.blockedWhy ?? 'may not leave the sandbox';
  const reasons = change.danger.map((id) => dangers[id]);
  if (isConflict(change)) reasons.push(collisionOf(change));
  return reasons.join('; ');
}

/** How the two sides of a conflict collide. */
function collisionOf({ base, theirs, ours, merge }: Change): string {
  if (theirs === 'absent') return 'deleted in the sandbox, changed here';
  if (ours === 'absent') return 'changed in the sandbox, deleted here';
  const [there, here] = [kindName(theirs), kindName(ours)];
  if (there !== here) return `a ${there} in the sandbox, a ${here} here`;
  if (base === 'absent') return 'differs on both sides, and what there was before is not known';
  if (there === 'link') return 'both sides changed where the link leads';
  if (kindName(base) !== 'file') return 'both sides put a file of their own here';
  if (merge === 'conflict') return 'both sides changed the same lines';
  const isTooLarge = [base, theirs, ours].some((side) => isFile(side) && side.size > maxMergedBytes);
  return `both sides changed it and it is ${isTooLarge ? 'too large to be merged' : 'no text'}`;
}

function kindName(side: Side): string {
  if (typeof side === 'string') return side;
  return side.t === 'dir' ? 'folder' : side.t;
}

/** How one change looks in the list. */
export interface ChangeRow {
  readonly label: string;
  readonly description: string;
  readonly spoken: string;
}

/** The row of a change: name first, then why it is not simply checked, folder, and what happens to it. */
export function changeRow(change: Change): ChangeRow {
  const slash = change.path.lastIndexOf('/');
  const folder = change.path.slice(0, Math.max(slash, 0));
  const deed = [verbOf(change), kindOfSide(change.theirs), withoutWhat(change)];
  // A narrow view cuts the end off: the reason matters most.
  const shown = [reasonOf(change), folder, ...deed].filter((word) => word !== '');
  const said = [folder, ...deed, reasonOf(change)].filter((word) => word !== '');
  return {
    label: visibleLine(change.path.slice(slash + 1)),
    description: visibleLine(shown.join(' · ')),
    spoken: visibleLine([change.path, ...said.slice(slash < 0 ? 0 : 1)].join(', ')),
  };
}

/** The whole path and, a line each, why the change is not simply checked: at length where the reasons are known. */
export function tooltipOf(change: Change): string {
  const why = change.reasons ?? [reasonOf(change)].filter((reason) => reason !== '');
  return [change.path, ...why, ...withheldLine(change)].map(visibleLine).join('\n');
}

function withheldLine({ withheld }: Change): string[] {
  if (withheld === undefined) return [];
  return [
    `Comes without ${withheld.keys.join(', ')}: ${dangers[withheld.danger]}. Offered apart once the rest is applied.`,
  ];
}

/** The part that runs by itself stays behind, and is offered on its own once the rest was taken. */
function withoutWhat({ withheld }: Change): string {
  return withheld === undefined ? '' : `without ${withheld.keys.join(', ')}`;
}

function kindOfSide(side: Side): string {
  if (typeof side === 'string' || side.t === 'file') return '';
  return side.t === 'dir' ? 'folder' : `link to ${side.target}`;
}

/**
 * Which changes are checked. Ordinary ones are until somebody unchecks them; all others are not until somebody checks
 * them. A tick holds for exactly what was seen: this session, both sides, the group. Taking a tick away holds for the
 * sandbox's content, whatever happens here.
 */
export class Checks {
  readonly #taken = new Set<string>();
  readonly #refused = new Set<string>();

  isChecked(session: SessionId, change: Change): boolean {
    if (change.merge === 'blocked' || this.#refused.has(contentKey(session, change))) return false;
    return groupOf(change) === 'changes' || this.#taken.has(seenKey(session, change));
  }

  set(session: SessionId, change: Change, checked: boolean): void {
    if (change.merge === 'blocked') return;
    if (checked) {
      this.#refused.delete(contentKey(session, change));
      this.#taken.add(seenKey(session, change));
    } else {
      this.#refused.add(contentKey(session, change));
      this.#taken.delete(seenKey(session, change));
    }
  }

  checkedOf(session: SessionId, set: ChangeSet | undefined): readonly Change[] {
    return (set?.changes ?? []).filter((change) => this.isChecked(session, change));
  }
}

function contentKey(session: SessionId, { path, theirs }: Change): string {
  return JSON.stringify([session, path, theirs]);
}

function seenKey(session: SessionId, change: Change): string {
  const { ours, danger, reasons, withheld } = change;
  return JSON.stringify([contentKey(session, change), ours, groupOf(change), danger, reasons, withheld]);
}

/** Paths of changes, as the session takes them. */
export function pathsOf(changes: readonly Change[]): ReadonlySet<RelPath> {
  return new Set(changes.map(({ path }) => path));
}
