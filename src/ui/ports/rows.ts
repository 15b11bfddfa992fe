import type { PortRow } from '../../core/ports/rows.ts';
import type { TreeRow } from '../treeRow.ts';

/** How one port looks in the tree. Tags: `port`, then `forwarded`, `published` and `publishable` where they hold. */
export type PortLook = TreeRow;

/** The look of a port in a sandbox that can publish ports, or cannot. */
export function portLook(row: PortRow, canPublish: boolean): PortLook {
  const { port, program, label } = row;
  const words = [publicWord(row), stateOf(row), program ?? ''].filter((word) => word !== '');
  const where =
    row.local === undefined ? '' : `Forwarded to ${row.local.authority}, for this machine and session alone`;
  const lines = [`Port ${port} of the sandbox`, ...words, where, row.published?.url ?? ''];
  return {
    label: label === undefined ? `${port}` : `${label} (${port})`,
    description: words.join(' · '),
    ...iconOf(row),
    context: tagsOf(row, canPublish),
    tooltip: lines.filter((line) => line !== '').join('\n'),
    spoken: [label ?? '', `port ${port}`, ...words].filter((word) => word !== '').join(', '),
  };
}

function stateOf({ isListening, local, problem }: PortRow): string {
  if (problem !== undefined) return problem;
  if (!isListening) return 'Nothing listens';
  return local === undefined ? 'Not forwarded' : `Local port ${local.localPort}`;
}

function publicWord({ published }: PortRow): string {
  if (published === undefined) return '';
  return published.url === undefined ? 'May be public' : `Public until ${clock(published.until)}`;
}

/** A moment as people of this machine read it. */
export function clock(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function iconOf({ isListening, local, problem, published }: PortRow): Pick<PortLook, 'icon' | 'iconColor'> {
  if (published !== undefined) return { icon: 'globe', iconColor: 'charts.yellow' };
  if (problem !== undefined) return { icon: 'warning', iconColor: 'charts.yellow' };
  if (!isListening) return { icon: 'circle-slash' };
  return local === undefined ? { icon: 'circle-outline' } : { icon: 'circle-filled', iconColor: 'charts.green' };
}

function tagsOf({ local, problem, published }: PortRow, canPublish: boolean): string {
  const tags = ['port'];
  if (local !== undefined || problem !== undefined) tags.push('forwarded');
  if (published !== undefined) tags.push('published');
  else if (canPublish) tags.push('publishable');
  return tags.join(' ');
}

/** What is said when apps begin to listen; several in one sentence. */
export function noticeOf(apps: readonly Pick<PortRow, 'port' | 'program' | 'label'>[]): string {
  const [first] = apps;
  if (first === undefined) return '';
  const ports = apps.map(({ port }) => port).join(', ');
  if (apps.length > 1) return `Programs in the sandbox listen on the ports ${ports}.`;
  return `${first.label ?? first.program ?? 'A program'} listens on port ${ports} in the sandbox.`;
}
