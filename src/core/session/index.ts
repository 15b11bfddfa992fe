import { mintId, type SessionId } from '../../shared/ids.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { fail } from '../problem.ts';
import type { LocalFolder, StoredSession } from '../storage.ts';
import type { Disposable, NewSession, Session, Sessions } from './api.ts';
import { sessionSchema, type SessionRecord } from './events.ts';
import { openOwned, openWatched, type SessionServices } from './open.ts';
import { halfSessions, sweepLedger } from './recovery.ts';
import { slugOf } from './slug.ts';
import { storedSummary } from './summary.ts';

export type { SessionServices } from './open.ts';

/** Builds the list of sessions over this machine's storage and the given kinds of sandbox. */
export function createSessions(services: SessionServices): Sessions {
  return new SessionList(services);
}

class SessionList implements Sessions {
  readonly #services: SessionServices;
  readonly #open = new Map<SessionId, Session>();
  readonly #opening = new Map<SessionId, Promise<Session>>();
  readonly #listeners = new Set<() => void>();
  #stored: readonly StoredSession[] = [];

  constructor(services: SessionServices) {
    this.#services = services;
  }

  list(): readonly SessionSummary[] {
    const stored = this.#stored.map((session) => this.#summary(session));
    const known = new Set(stored.map(({ id }) => id));
    const fresh = [...this.#open.values()].filter(({ id }) => !known.has(id)).map((session) => session.summary());
    return [...stored, ...fresh].toSorted((a, b) => b.createdAt - a.createdAt);
  }

  #summary(stored: StoredSession): SessionSummary {
    if (stored.kind === 'ok') {
      const { record } = stored;
      const provider = this.#services.providers.find(({ id }) => id === record.provider);
      return this.#open.get(record.id)?.summary() ?? storedSummary(record, provider);
    }
    return unreadable(stored);
  }

  onDidChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  opened(): readonly Session[] {
    return [...this.#open.values()];
  }

  async refresh(): Promise<void> {
    this.#stored = await this.#services.store.list();
    for (const listener of this.#listeners) listener();
  }

  async create(request: NewSession): Promise<Session> {
    const record = newRecord(request);
    await this.#services.store.create(record);
    const session = await this.open(record.id, request.folder);
    await this.refresh();
    return session;
  }

  async open(id: SessionId, folder: LocalFolder | undefined): Promise<Session> {
    const known = this.#open.get(id) ?? this.#opening.get(id);
    if (known) return await known;
    const opening = this.#openStored(id, folder).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return await opening;
  }

  async #openStored(id: SessionId, folder: LocalFolder | undefined): Promise<Session> {
    const closed = async () => {
      this.#open.delete(id);
      await this.refresh();
    };
    const owner = await this.#services.owners.acquire(id);
    const session =
      owner.kind === 'owner'
        ? await openOwned(this.#services, id, folder, owner.lease, closed)
        : await openWatched(this.#services, id, folder, owner.onlooker, closed);
    this.#open.set(id, session);
    session.onDidChange(({ kind }) => {
      if (kind === 'summary') for (const listener of this.#listeners) listener();
    });
    return session;
  }

  async recover(signal: AbortSignal): Promise<void> {
    await this.refresh();
    await sweepLedger(this.#services, signal);
    for (const id of await halfSessions(this.#services)) {
      if (signal.aborted) return;
      await this.#putAwayHalf(id).catch((error: unknown) => {
        this.#services.log(`The sandbox of session ${id} could not be put away: ${String(error)}`);
      });
    }
  }

  /** Opening a session does so, where no window works with it. The log decides: the record may be behind it. */
  async #putAwayHalf(id: SessionId): Promise<void> {
    const owner = await this.#services.owners.acquire(id);
    if (owner.kind === 'onlooker') owner.onlooker.close();
    else await (await openOwned(this.#services, id, undefined, owner.lease, () => this.refresh())).detach();
  }

  async detachAll(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map(async (session) => await session.detach()));
  }
}

function newRecord({ provider, folder, settings, toolchains, title, attachTo }: NewSession): SessionRecord {
  const now = Date.now();
  if (folder.uri === '') fail('folder-unavailable', 'Open a folder first.', { fix: 'open-folder' });
  return {
    schema: sessionSchema,
    id: mintId('session'),
    title,
    provider: provider.id,
    root: folder.uri,
    slug: attachTo ?? slugOf(folder.name),
    ...(attachTo === undefined ? {} : { attached: true }),
    createdAt: now,
    updatedAt: now,
    epoch: 0,
    settings: { ...settings },
    toolchains: [...toolchains],
    dependencies: [],
    summary: { status: 'new', changes: 0 },
  };
}

function unreadable(stored: Exclude<StoredSession, { kind: 'ok' }>): SessionSummary {
  const readOnly =
    stored.kind === 'newer'
      ? 'Written by a newer version of Airlock. Update the extension to open it.'
      : `Its record cannot be read: ${stored.detail}`;
  return {
    id: stored.id,
    title: stored.id,
    sandbox: '',
    isolation: '',
    folder: '',
    status: 'failed',
    statusText: stored.kind === 'newer' ? 'Needs a newer Airlock' : 'Damaged',
    createdAt: 0,
    updatedAt: 0,
    changes: 0,
    elsewhere: false,
    readOnly,
  };
}
