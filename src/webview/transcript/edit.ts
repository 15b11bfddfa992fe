import { el, icon, setText, show } from '../element.ts';
import { linkTo } from '../link.ts';
import type { Entry } from '../store.ts';
import { count } from '../../shared/count.ts';
import { parseDiff, type Diff, type DiffLine } from '../text/diff.ts';
import { visibleLine, visibleProse } from '../../shared/visible.ts';
import { copyButton } from './copy.ts';
import { disclosure } from './disclosure.ts';
import type { Context, ItemView } from './view.ts';

type Edit = Entry['item'] & { kind: 'edit' };

/** A longer diff begins closed. */
const opensBelow = 40;
const longestPath = 4_096;

const kinds: Readonly<Record<Edit['edit'], { readonly icon: string; readonly done: string; readonly wanted: string }>> =
  {
    create: { icon: 'new-file', done: 'Created', wanted: 'create' },
    update: { icon: 'edit', done: 'Changed', wanted: 'change' },
    delete: { icon: 'trash', done: 'Deleted', wanted: 'delete' },
    'view-image': { icon: 'file-media', done: 'Looked at', wanted: 'look at' },
  };

/** One change of a file by the agent, inside the sandbox. */
export function editView(context: Context): ItemView {
  const element = el('article', 'item card edit');
  const update = ({ item }: Entry): void => {
    if (item.kind === 'edit') element.replaceChildren(...draw(context, item));
  };
  return { element, update };
}

function draw(context: Context, item: Edit): HTMLElement[] {
  const kind = kinds[item.edit];
  const words = item.ok ? kind.done : `Could not ${kind.wanted}`;
  const state = el(
    'span',
    `state ${item.ok ? 'good' : 'bad'}`,
    icon(item.ok ? kind.icon : 'error'),
    el('span', '', words),
  );
  const path = linkTo({ kind: 'file', path: item.path.slice(0, longestPath) }, visibleLine(item.path));
  path.classList.add('path');
  const detail = el('div', 'detail', visibleProse((item.detail ?? '').slice(0, 2_000)));
  show(detail, (item.detail ?? '') !== '');
  if (item.diff === undefined || item.diff === '') return [el('div', 'card-head', state, path), detail];
  return [...drawWithDiff(context, item, item.diff, el('div', 'edit-title', state, path)), detail];
}

function drawWithDiff(context: Context, item: Edit, text: string, title: HTMLElement): HTMLElement[] {
  const diff = parseDiff(text);
  const body = el('div', 'card-body');
  const part = disclosure([amounts(diff)], body, (open) => {
    context.opened.set(item.id, open);
    if (open) fill();
  });
  part.toggle.setAttribute('aria-label', `Diff: ${count(diff.added, 'line')} added, ${diff.removed} removed`);
  const fill = (): void => {
    if (body.firstChild === null) body.append(drawDiff(diff));
  };
  const open = context.opened.get(item.id) ?? diff.lines.length < opensBelow;
  part.set(open);
  if (open) fill();
  const copy = copyButton(context, 'Copy diff', () => text);
  return [el('div', 'card-head', title, el('div', 'card-actions', part.toggle, copy)), body];
}

function amounts(diff: Diff): HTMLElement {
  const added = el('span', 'amount-added');
  const removed = el('span', 'amount-removed');
  setText(added, `+${diff.added}`);
  setText(removed, `−${diff.removed}`);
  return el('span', 'amounts', added, ' ', removed);
}

function drawDiff(diff: Diff): HTMLElement {
  const lines = el('div', 'diff', ...diff.lines.map(drawLine));
  lines.tabIndex = 0;
  lines.setAttribute('role', 'group');
  lines.setAttribute('aria-label', 'Diff');
  if (diff.left > 0)
    lines.append(el('div', 'omitted', `${count(diff.left, 'more line')}: open the file or Review to see all`));
  return lines;
}

function drawLine({ kind, text }: DiffLine): HTMLElement {
  return el('div', `diff-line ${kind}`, text);
}
