import {
  EventEmitter,
  ThemeIcon,
  TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
  window,
  type TreeDataProvider,
  type TreeView,
} from 'vscode';
import type { Disposable, Session } from '../../core/session/api.ts';
import type { Change, ChangeSet } from '../../core/sync/types.ts';
import { visibleLine } from '../../shared/visible.ts';
import { views } from '../ids.ts';
import { reviewUri } from '../review/uris.ts';
import type { Services } from '../services.ts';
import { count } from '../words.ts';
import { changeRow, Checks, groupsOf, tooltipOf, type Group } from './model.ts';
import { emptySentence } from './texts.ts';

const rowScheme = 'airlock-row';

/** A row of the view: a group, or one change of the set that was shown when the row was made. */
export type ChangeNode =
  | { readonly kind: 'group'; readonly group: Group; readonly session: Session }
  | { readonly kind: 'change'; readonly change: Change; readonly set: ChangeSet; readonly session: Session };

/** What could come home from the shown session, with the native checkboxes that choose. */
export class ChangesTree implements TreeDataProvider<ChangeNode> {
  readonly checks = new Checks();
  readonly #services: Services;
  readonly #view: TreeView<ChangeNode>;
  readonly #changed = new EventEmitter<undefined>();
  readonly #disposables: Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;
  /** The set that the rows show. */
  #set: ChangeSet | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#view = window.createTreeView(views.changes, {
      treeDataProvider: this,
      canSelectMany: true,
      manageCheckboxStateManually: true,
    });
    this.#disposables = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeCheckboxState(({ items }) => this.#checked(items)),
      services.active.onDidSwitch(() => this.refresh()),
      services.active.onDidTell(({ kind }) => {
        if (kind === 'changes' || kind === 'summary') this.refreshIfNew();
      }),
    ];
    this.refresh();
  }

  /** The checked changes of the set that is shown now. */
  checked(): readonly Change[] {
    const { current } = this.#services.active;
    return current === undefined ? [] : this.checks.checkedOf(current.id, current.changes());
  }

  /** The changes that a menu act is about: the selected rows. Empty: none was selected. */
  selected(): readonly Change[] {
    return this.#view.selection.flatMap((node) => (node.kind === 'change' ? [node.change] : node.group.changes));
  }

  refreshIfNew(): void {
    if (this.#services.active.current?.changes()?.id !== this.#set?.id) this.refresh();
    else this.#tellSize();
  }

  refresh(): void {
    this.#set = this.#services.active.current?.changes();
    this.#changed.fire(undefined);
    this.#tellSize();
  }

  getChildren(node?: ChangeNode): ChangeNode[] {
    const { current } = this.#services.active;
    if (current === undefined || this.#set === undefined) return [];
    if (node === undefined) {
      const groups = groupsOf(this.#set);
      const [only] = groups;
      if (groups.length === 1 && only?.id === 'changes') return this.#nodes(only, current, this.#set);
      return groups.map((group) => ({ kind: 'group', group, session: current }));
    }
    return node.kind === 'group' ? this.#nodes(node.group, current, this.#set) : [];
  }

  getTreeItem(node: ChangeNode): TreeItem {
    return node.kind === 'group' ? this.#groupItem(node.group, node.session) : this.#changeItem(node);
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #nodes(group: Group, session: Session, set: ChangeSet): ChangeNode[] {
    return group.changes.map((change) => ({ kind: 'change', change, set, session }));
  }

  #groupItem({ id, title, tooltip, changes }: Group, session: Session): TreeItem {
    const isOpen = id === 'blocked' ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
    const item = new TreeItem(title, isOpen);
    item.id = `group:${id}`;
    item.description = `${changes.length}`;
    item.tooltip = tooltip;
    item.contextValue = `group ${id}`;
    item.accessibilityInformation = { label: `${title}, ${count(changes.length, 'file')}. ${tooltip}` };
    if (id !== 'blocked')
      item.checkboxState = boxOf(changes.every((change) => this.checks.isChecked(session.id, change)));
    return item;
  }

  #changeItem({ change, set, session }: Extract<ChangeNode, { kind: 'change' }>): TreeItem {
    const row = changeRow(change);
    const item = new TreeItem(row.label, TreeItemCollapsibleState.None);
    item.id = `change:${change.path}`;
    item.description = row.description;
    item.tooltip = tooltipOf(change);
    // Only for the icon: under the review's scheme each row would carry a padlock.
    item.resourceUri = reviewUri(session, set.id, change, 'theirs').with({ scheme: rowScheme });
    item.iconPath = ThemeIcon.File;
    item.contextValue = `change ${change.merge}`;
    const isChecked = this.checks.isChecked(session.id, change);
    const box = change.merge === 'blocked' ? '' : isChecked ? ', checked' : ', not checked';
    item.accessibilityInformation = { label: row.spoken + box };
    if (change.merge !== 'blocked') item.checkboxState = boxOf(isChecked);
    item.command = { command: 'airlock.openChange', title: 'Open Change', arguments: [{ path: change.path }] };
    return item;
  }

  #checked(items: readonly (readonly [ChangeNode, TreeItemCheckboxState])[]): void {
    for (const [node, state] of items) {
      const isChecked = state === TreeItemCheckboxState.Checked;
      const changes = node.kind === 'change' ? [node.change] : node.group.changes;
      for (const change of changes) this.checks.set(node.session.id, change, isChecked);
    }
    this.#changed.fire(undefined);
    this.#tellSize();
  }

  /** Badge, message line and context keys follow what is shown. */
  #tellSize(): void {
    const { current } = this.#services.active;
    const n = this.#set?.changes.length ?? 0;
    const tooltip = `${count(n, 'file')} could come home`;
    this.#view.badge = n === 0 ? undefined : { value: n, tooltip };
    this.#view.message = messageOf(current, this.#set);
    this.#services.context.set('airlock.hasChanges', n > 0);
    this.#services.context.set('airlock.hasChecked', this.checked().length > 0);
  }
}

function messageOf(session: Session | undefined, set: ChangeSet | undefined): string {
  if (session === undefined) return '';
  if (set !== undefined && set.warnings.length > 0) return visibleLine(set.warnings.join(' '));
  if (set !== undefined && set.changes.length > 0) return '';
  return emptySentence(session.summary());
}

function boxOf(checked: boolean): TreeItemCheckboxState {
  return checked ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked;
}
