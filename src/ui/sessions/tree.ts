import { EventEmitter, window, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { Disposable, Sessions } from '../../core/session/api.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { views } from '../ids.ts';
import { LastDrawn } from '../lastDrawn.ts';
import type { Services } from '../services.ts';
import { treeItem } from '../treeRow.ts';
import { sessionRow } from './rows.ts';

const ageEvery = 60_000;
const coalesceFor = 150;

/** All sessions of this machine's user. Looks for news only while it is visible. */
export class SessionsTree implements TreeDataProvider<SessionSummary> {
  readonly #services: Services;
  readonly #view: TreeView<SessionSummary>;
  readonly #changed = new EventEmitter<undefined>();
  readonly #disposables: Disposable[];
  readonly #drawn = new LastDrawn();
  readonly onDidChangeTreeData = this.#changed.event;
  #soon: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  #sessions: Sessions | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#view = window.createTreeView(views.sessions, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(({ visible }) => this.#becameVisible(visible)),
      services.active.onDidSwitch(() => this.refresh()),
    ];
    if (this.#view.visible) this.#becameVisible(true);
  }

  /** Shows news soon; several within a moment count as one, and what looks as before is none. */
  refresh(): void {
    if (!this.#view.visible) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      if (this.#isNew()) this.#changed.fire(undefined);
    }, coalesceFor);
  }

  async getChildren(parent?: SessionSummary): Promise<SessionSummary[]> {
    if (parent !== undefined) return [];
    const sessions = await this.#services.parts.sessions();
    if (this.#sessions === undefined) {
      this.#sessions = sessions;
      this.#disposables.push(sessions.onDidChange(() => this.refresh()));
      await sessions.refresh();
    }
    this.#services.context.set('airlock.loaded', true);
    // What is handed out here is what is seen, whatever was seen coming when the view was told to ask.
    this.#isNew();
    return [...sessions.list()];
  }

  getTreeItem(session: SessionSummary): TreeItem {
    const row = sessionRow(session, Date.now());
    const item = treeItem(row, row.id);
    if (session.readOnly === undefined) {
      item.command = { command: 'airlock.openSession', title: 'Open Session', arguments: [session] };
    }
    return item;
  }

  /** The row that a key was pressed on. */
  selected(): SessionSummary | undefined {
    return this.#view.selection[0];
  }

  dispose(): void {
    clearTimeout(this.#soon);
    clearInterval(this.#clock);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #isNew(): boolean {
    const now = Date.now();
    return this.#drawn.isNew(this.#sessions?.list().map((session) => sessionRow(session, now)));
  }

  #becameVisible(visible: boolean): void {
    clearInterval(this.#clock);
    if (!visible) return;
    this.#clock = setInterval(() => this.refresh(), ageEvery);
    this.#clock.unref();
    if (this.#sessions !== undefined) {
      const look = this.#sessions.refresh();
      look.catch((error: unknown) => this.#services.log.error('The sessions could not be read.', error));
    }
    this.refresh();
  }
}
