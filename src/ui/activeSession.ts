import { EventEmitter } from 'vscode';
import type { Disposable, Session, SessionDelta } from '../core/session/api.ts';
import { AirlockError, fail, problem, problemOf } from '../core/problem.ts';
import { parseId } from '../shared/ids.ts';
import type { SessionSummary } from '../shared/view.ts';
import type { Log } from './log.ts';
import type { Parts } from './parts.ts';
import { openFolders, requireTrust } from './start/folders.ts';
import type { Taste } from './taste.ts';

/** The session that panel, changes view and status bar show. */
export class ActiveSession {
  readonly #parts: Parts;
  readonly #taste: Taste;
  readonly #log: Log;
  readonly #switched = new EventEmitter<Session | undefined>();
  readonly #told = new EventEmitter<SessionDelta>();
  #session: Session | undefined;
  #listening: Disposable | undefined;
  #asking: Disposable | undefined;
  #restored: Promise<void> | undefined;

  /** Another session is shown, or none. */
  readonly onDidSwitch = this.#switched.event;
  /** What the shown session tells. */
  readonly onDidTell = this.#told.event;

  constructor(parts: Parts, taste: Taste, log: Log) {
    this.#parts = parts;
    this.#taste = taste;
    this.#log = log;
  }

  get current(): Session | undefined {
    return this.#session;
  }

  /** The shown session, or the sentence why there is none. */
  required(): Session {
    return this.#session ?? fail('not-found', 'No sandbox session is open.', { fix: 'run-agent' });
  }

  async show(session: Session | undefined): Promise<void> {
    this.#listening?.dispose();
    this.#asking?.dispose();
    this.#session = session;
    this.#listening = session?.onDidChange((delta) => {
      this.#told.fire(delta);
      if (delta.kind === 'given-away' || (delta.kind === 'summary' && session.summary().elsewhere))
        void this.#openAgain(session);
    });
    this.#asking = session?.ask?.();
    this.#switched.fire(session);
    await this.#taste.setShown(session?.id);
  }

  /** Opens a stored session beside the folder that it belongs to, and shows it. */
  async open(summary: Pick<SessionSummary, 'id' | 'readOnly'>): Promise<Session> {
    requireTrust();
    const id = parseId('session', summary.id);
    if (summary.readOnly !== undefined || id === undefined) {
      throw new AirlockError(problem('newer-schema', summary.readOnly ?? 'This session cannot be opened.'));
    }
    const root = await this.#parts.rootOf(id);
    const folder = openFolders().find(({ uri }) => uri === root);
    const sessions = await this.#parts.sessions();
    const session = await sessions.open(id, folder && (await this.#parts.localFolder(folder)));
    await this.show(session);
    return session;
  }

  /** Shows again what this workspace showed last, as it truly is now. Resolves also where that cannot be. */
  restore(): Promise<void> {
    this.#restored ??= this.#restore();
    return this.#restored;
  }

  /**
   * A session that was only watched is opened again once its owner is gone: this window may be the next owner. And one
   * that another window has meanwhile is watched.
   */
  async #openAgain(session: Session): Promise<void> {
    try {
      const sessions = await this.#parts.sessions();
      if (this.#session === session && !sessions.opened().includes(session)) await this.open(session.summary());
    } catch (error) {
      this.#log.error(`The session could not be opened again: ${problemOf(error, 'storage-failed').detail}`, error);
    }
  }

  async #restore(): Promise<void> {
    const sessions = await this.#parts.sessions();
    await sessions.refresh();
    const summary = sessions.list().find(({ id }) => id === this.#taste.shown());
    if (summary === undefined || this.#session !== undefined) return;
    try {
      await this.open(summary);
    } catch (error) {
      this.#log.error(
        `The session of this folder could not be opened: ${problemOf(error, 'storage-failed').detail}`,
        error,
      );
    }
  }

  dispose(): void {
    this.#listening?.dispose();
    this.#asking?.dispose();
    this.#switched.dispose();
    this.#told.dispose();
  }
}
