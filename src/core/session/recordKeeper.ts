import type { SessionId } from '../../shared/ids.ts';
import type { ProviderState } from '../sandbox.ts';
import type { SessionStore } from '../storage.ts';
import type { SessionRecord } from './events.ts';

/** The session's record on disk: a cache of the log for the list, and where to find the sandbox again. */
export class RecordKeeper {
  readonly #store: SessionStore;
  #record: SessionRecord;
  #saving: Promise<void> = Promise.resolve();

  constructor(store: SessionStore, record: SessionRecord) {
    this.#store = store;
    this.#record = record;
  }

  get id(): SessionId {
    return this.#record.id;
  }

  get record(): SessionRecord {
    return this.#record;
  }

  /** Remembers where the sandbox is; resolves once that is on disk. A new one is not filled yet. */
  async rememberSandbox(ledgerKey: string | undefined, state: ProviderState | undefined): Promise<void> {
    const { ledgerKey: before, sandbox: _sandbox, unfilled = false, ...rest } = this.#record;
    const isUnfilled = ledgerKey !== undefined && (unfilled || ledgerKey !== before);
    const known = {
      ...(ledgerKey === undefined ? {} : { ledgerKey }),
      ...(state === undefined ? {} : { sandbox: state }),
      ...(isUnfilled ? { unfilled: true } : {}),
    };
    await this.#save({ ...rest, ...known });
  }

  /** Remembers that the sandbox holds the workspace. Never rejects: the log holds the truth. */
  async rememberFilled(): Promise<void> {
    const { unfilled = false, ...rest } = this.#record;
    if (unfilled) await this.#save(rest).catch(() => undefined);
  }

  /** Remembers whether the sandbox was there before the session. */
  async rememberAttached(attached: boolean): Promise<void> {
    if ((this.#record.attached ?? false) !== attached) await this.#save({ ...this.#record, attached });
  }

  /** Remembers which folders went in as private copies. */
  async rememberDependencies(dependencies: readonly string[]): Promise<void> {
    await this.#save({ ...this.#record, dependencies: [...dependencies] });
  }

  /** Gives the session the title that people know it by. */
  async rename(title: string): Promise<void> {
    await this.#save({ ...this.#record, title });
  }

  /** Remembers how many bytes of content are stored for the session. */
  async rememberSize(bytes: number): Promise<void> {
    const { summary } = this.#record;
    if (summary.bytes !== bytes) await this.#save({ ...this.#record, summary: { ...summary, bytes } });
  }

  /** Updates what the list shows. Never rejects: the log holds the truth. */
  async summarise(status: { status: string }, changes: number): Promise<void> {
    const { summary } = this.#record;
    if (summary.status === status.status && summary.changes === changes) return;
    await this.#save({ ...this.#record, summary: { ...summary, status: status.status, changes } }).catch(
      () => undefined,
    );
  }

  /** Resolves once what was last remembered is on disk, or could not be written. */
  async saved(): Promise<void> {
    await this.#saving.catch(() => undefined);
  }

  async #save(record: SessionRecord): Promise<void> {
    this.#record = { ...record, updatedAt: Date.now() };
    const latest = async () => await this.#store.save(this.#record);
    this.#saving = this.#saving.then(latest, latest);
    await this.#saving;
  }
}
