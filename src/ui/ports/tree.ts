import { EventEmitter, window, type TreeDataProvider, type TreeItem, type TreeView } from 'vscode';
import type { PortRow } from '../../core/ports/rows.ts';
import type { Disposable, Session } from '../../core/session/api.ts';
import { views } from '../ids.ts';
import { LastDrawn } from '../lastDrawn.ts';
import type { Services } from '../services.ts';
import { treeItem } from '../treeRow.ts';
import { count } from '../words.ts';
import { portLook } from './rows.ts';

/** Programs of the shown session's sandbox that listen. Looks for them only while it is visible. */
export class PortsTree implements TreeDataProvider<PortRow> {
  readonly #services: Services;
  readonly #view: TreeView<PortRow>;
  readonly #changed = new EventEmitter<undefined>();
  readonly #disposables: Disposable[];
  readonly #drawn = new LastDrawn();
  readonly onDidChangeTreeData = this.#changed.event;
  #listening: Disposable | undefined;
  #looking: Disposable | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#view = window.createTreeView(views.ports, { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(() => this.#look()),
      services.active.onDidSwitch((session) => this.#follow(session)),
      services.active.onDidTell(({ kind }) => {
        if (kind === 'summary') this.#draw();
      }),
    ];
    this.#follow(services.active.current);
  }

  getChildren(parent?: PortRow): PortRow[] {
    return parent === undefined ? [...(this.#services.active.current?.ports.rows() ?? [])] : [];
  }

  getTreeItem(row: PortRow): TreeItem {
    const canPublish = this.#services.active.current?.ports.canPublish === true;
    const item = treeItem(portLook(row, canPublish), `port:${row.port}`);
    if (row.isListening)
      item.command = { command: 'airlock.openPort', title: 'Open Port', arguments: [{ port: row.port }] };
    return item;
  }

  /** The row that a key was pressed on. */
  selected(): PortRow | undefined {
    return this.#view.selection[0];
  }

  dispose(): void {
    this.#listening?.dispose();
    this.#looking?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #follow(session: Session | undefined): void {
    this.#listening?.dispose();
    this.#listening = session?.ports.onDidChange(() => {
      this.#refreshIfNew();
      this.#draw();
    });
    this.#refreshIfNew();
    this.#look();
    this.#draw();
  }

  #refreshIfNew(): void {
    const { current } = this.#services.active;
    const isNew = this.#drawn.isNew([current?.id, current?.ports.canPublish, current?.ports.rows()]);
    if (isNew) this.#changed.fire(undefined);
  }

  #look(): void {
    this.#looking?.dispose();
    this.#looking = this.#view.visible ? this.#services.active.current?.ports.look() : undefined;
  }

  /** Message line, badge and context key follow what is shown. */
  #draw(): void {
    const session = this.#services.active.current;
    const rows = session?.ports.rows() ?? [];
    const isPublic = rows.filter(({ published }) => published !== undefined).length;
    this.#view.message = rows.length > 0 ? '' : emptiness(session);
    this.#view.badge = isPublic === 0 ? undefined : { value: isPublic, tooltip: `${count(isPublic, 'port')} public` };
    this.#services.context.set('airlock.canPublish', session?.ports.canPublish === true);
  }
}

function emptiness(session: Session | undefined): string {
  if (session === undefined) return '';
  const { elsewhere, network } = session.summary();
  if (elsewhere) return 'Another window works with this session. Its ports show there.';
  return network === undefined ? 'The sandbox does not run.' : 'No program listens in the sandbox.';
}
