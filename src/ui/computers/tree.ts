import { EventEmitter, window, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { Computer, Listing } from '../../core/computers/index.ts';
import { problemOf } from '../../core/problem.ts';
import { fixOf } from '../../core/session/fixes.ts';
import type { Disposable } from '../../core/session/api.ts';
import { views } from '../ids.ts';
import type { Messages } from '../messages.ts';
import { memberOf } from '../narrow.ts';
import { inView } from '../progress.ts';
import type { Services } from '../services.ts';
import { treeItem } from '../treeRow.ts';
import { computerRow, failedRow, type Failed } from './rows.ts';

/** What is older is listed again when the view is shown, in milliseconds. */
const freshFor = 30_000;

/** A row of the view. */
export type ComputerNode = { readonly computer: Computer } | { readonly failed: Failed };

/** Every computer that the kinds of sandbox list. Asked for only while the view is visible. */
export class ComputersTree implements TreeDataProvider<ComputerNode> {
  readonly #services: Services;
  readonly #view: TreeView<ComputerNode>;
  readonly #changed = new EventEmitter<undefined>();
  readonly #disposables: readonly Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;
  #listing: Listing | undefined;
  #listedAt = 0;
  #loading: Promise<void> | undefined;
  /** What the rows tell of the shown session. */
  #status = '';

  constructor(services: Services) {
    this.#services = services;
    this.#view = window.createTreeView(views.computers, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible && Date.now() - this.#listedAt > freshFor) this.refresh();
      }),
      services.active.onDidSwitch(() => this.#followStatus()),
      services.active.onDidTell(({ kind }) => {
        if (kind === 'summary') this.#followStatus();
      }),
    ];
  }

  /** Asks again, at once where the view is visible, else when it is shown. */
  refresh(): void {
    this.#listing = undefined;
    this.#listedAt = 0;
    this.#changed.fire(undefined);
  }

  /** Takes the one step that mends why a kind could not be asked. */
  async mend(node: unknown, messages: Messages): Promise<void> {
    const id = memberOf(memberOf(memberOf(node, 'failed'), 'provider'), 'id');
    const failed = this.#listing?.failed ?? [];
    const problem = (failed.find(({ provider }) => provider.id === id) ?? failed[0])?.problem;
    const fix = problem && fixOf(problem);
    if (problem !== undefined && fix !== undefined) await messages.fix(fix.id, problem, () => this.refresh());
  }

  async getChildren(node?: ComputerNode): Promise<ComputerNode[]> {
    if (node !== undefined) return [];
    if (this.#listing === undefined) await (this.#loading ??= this.#load());
    const { computers = [], failed = [] } = this.#listing ?? {};
    return [...failed.map((one) => ({ failed: one })), ...computers.map((computer) => ({ computer }))];
  }

  getTreeItem(node: ComputerNode): TreeItem {
    if ('failed' in node) {
      const item = treeItem(failedRow(node.failed), `failed:${node.failed.provider.id}`);
      item.command = { command: 'airlock.mendComputers', title: 'Solve Problem', arguments: [node] };
      return item;
    }
    const { computer } = node;
    const item = treeItem(computerRow(computer), `computer:${computer.key}`);
    if (computer.owner?.kind === 'session') {
      const { id } = computer.owner.session;
      item.command = { command: 'airlock.openSession', title: 'Open Session', arguments: [{ id }] };
    }
    return item;
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #load(): Promise<void> {
    try {
      const computers = await this.#services.parts.computers();
      const { signal } = new AbortController();
      this.#listing = await inView(views.computers, () => computers.list(signal));
      this.#view.message = '';
    } catch (error) {
      this.#view.message = problemOf(error, 'storage-failed').detail;
      this.#services.log.error('The computers could not be listed.', error);
    } finally {
      this.#listedAt = Date.now();
      this.#loading = undefined;
      this.#services.context.set('airlock.computersListed', this.#listing !== undefined);
    }
  }

  /** A computer comes or goes with the shown session's sandbox. */
  #followStatus(): void {
    const summary = this.#services.active.current?.summary();
    const condition = summary?.status === 'working' ? 'idle' : summary?.status;
    const status = JSON.stringify([summary?.id, summary?.title, condition]);
    if (status === this.#status) return;
    this.#status = status;
    if (this.#listing !== undefined) this.refresh();
  }
}
