import { EventEmitter, TreeItem, TreeItemCollapsibleState, window, type TreeDataProvider, type TreeView } from 'vscode';
import type { AllowedHost } from '../../core/network/allowed.ts';
import type { NetworkView } from '../../core/network/api.ts';
import type { Connection } from '../../core/network/connections.ts';
import { ruleText } from '../../core/network/hostRule.ts';
import type { Disposable } from '../../core/session/api.ts';
import { views } from '../ids.ts';
import { LastDrawn } from '../lastDrawn.ts';
import type { Services } from '../services.ts';
import { treeItem } from '../treeRow.ts';
import { allowedRow, connectionRow, networkSentence, networkTitle } from './rows.ts';

const coalesceFor = 200;

/** A row of the view. */
export type NetworkNode =
  | { readonly kind: 'group'; readonly group: 'allowed' | 'connections' }
  | { readonly kind: 'allowed'; readonly host: AllowedHost }
  | { readonly kind: 'connection'; readonly connection: Connection };

/** What the shown session's sandbox may reach, and what its programs asked for. */
export class NetworkTree implements TreeDataProvider<NetworkNode> {
  readonly #services: Services;
  readonly #view: TreeView<NetworkNode>;
  readonly #changed = new EventEmitter<undefined>();
  readonly #disposables: readonly Disposable[];
  readonly #drawn = new LastDrawn();
  readonly onDidChangeTreeData = this.#changed.event;
  #soon: NodeJS.Timeout | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#view = window.createTreeView(views.network, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      services.active.onDidSwitch(() => this.#refresh()),
      services.active.onDidTell(({ kind }) => {
        if (kind === 'network' || kind === 'summary') this.#refreshSoon();
      }),
    ];
    this.#refresh();
  }

  getChildren(node?: NetworkNode): NetworkNode[] {
    const view = this.#now();
    if (view === undefined) return [];
    if (node === undefined) return groupsOf(view);
    if (node.kind !== 'group') return [];
    return node.group === 'allowed'
      ? view.allowed.map((host) => ({ kind: 'allowed', host }))
      : view.connections.map((connection) => ({ kind: 'connection', connection }));
  }

  getTreeItem(node: NetworkNode): TreeItem {
    if (node.kind === 'group') return this.#groupItem(node.group);
    if (node.kind === 'allowed') return treeItem(allowedRow(node.host), `allowed:${ruleText(node.host.rule)}`);
    const row = connectionRow(node.connection);
    const item = treeItem(row, `connection:${node.connection.id}`);
    if (row.context === 'refused offered') {
      item.command = { command: 'airlock.allowRefused', title: 'Allow This Host', arguments: [node] };
    }
    return item;
  }

  /** The row that a key was pressed on. */
  selected(): NetworkNode | undefined {
    return this.#view.selection[0];
  }

  dispose(): void {
    clearTimeout(this.#soon);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #now(): NetworkView | undefined {
    return this.#services.active.current?.network.view();
  }

  /** A busy download changes many times a second. */
  #refreshSoon(): void {
    this.#soon ??= setTimeout(() => this.#refresh(), coalesceFor);
  }

  #refresh(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    const view = this.#now();
    this.#view.message = networkSentence(view);
    this.#view.description = networkTitle(view);
    this.#services.context.set('airlock.network', view?.egress ?? '');
    this.#services.context.set('airlock.hasAllowed', (view?.allowed.length ?? 0) > 0);
    if (this.#drawn.isNew([this.#services.active.current?.id, view])) this.#changed.fire(undefined);
  }

  #groupItem(group: 'allowed' | 'connections'): TreeItem {
    const view = this.#now();
    const n = (group === 'allowed' ? view?.allowed : view?.connections)?.length ?? 0;
    const title = group === 'allowed' ? 'Allowed Hosts' : 'Connections';
    const item = new TreeItem(title, TreeItemCollapsibleState.Expanded);
    item.id = `group:${group}`;
    item.description = `${n}`;
    item.contextValue = `group ${group}`;
    item.accessibilityInformation = { label: `${title}, ${n}` };
    return item;
  }
}

function groupsOf({ allowed, connections }: NetworkView): NetworkNode[] {
  const groups: NetworkNode[] = [];
  if (allowed.length > 0) groups.push({ kind: 'group', group: 'allowed' });
  if (connections.length > 0) groups.push({ kind: 'group', group: 'connections' });
  return groups;
}
