import type { SessionId } from '../../shared/ids.ts';
import type { Gesture } from '../gesture.ts';
import { AirlockError, fail, problemOf } from '../problem.ts';
import type { Foreign, Provider, ProviderState } from '../sandbox.ts';
import { storedId, type Ledger, type LedgerEntry, type SessionStore } from '../storage.ts';
import { closeEntriesOf } from '../session/entries.ts';
import { storedSummary } from '../session/summary.ts';
import type { Computer, Computers, Listing, Owner, Visit } from './api.ts';
import { isFree } from './free.ts';
import { computerSubject } from './subject.ts';
import { visit } from './visit.ts';

export type { Computer, Computers, Listing, Owner, Visit } from './api.ts';

/** What computers are listed over. */
interface ComputerServices {
  readonly store: SessionStore;
  readonly ledger: Ledger;
  readonly providers: readonly Provider[];
}

/** Builds the list over the kinds of sandbox and what this machine knows of them. */
export function createComputers(services: ComputerServices): Computers {
  return new ComputerList(services);
}

class ComputerList implements Computers {
  readonly #services: ComputerServices;

  constructor(services: ComputerServices) {
    this.#services = services;
  }

  async list(signal: AbortSignal): Promise<Listing> {
    const { providers } = this.#services;
    const asked = await Promise.allSettled(providers.map(async (provider) => await provider.inventory(signal)));
    signal.throwIfAborted();
    const owners = await this.#owners();
    const unanswered = await this.#unanswered();
    const computers: Computer[] = [];
    const failed: Listing['failed'][number][] = [];
    for (const [at, provider] of providers.entries()) {
      const answer = asked[at];
      if (answer?.status === 'fulfilled')
        computers.push(...answer.value.map((one) => named(provider, one, owners, unanswered)));
      else failed.push({ provider, problem: problemOf(answer?.reason, 'unreachable') });
    }
    return { computers, failed };
  }

  async owner(provider: Provider, computer: Foreign, except?: SessionId): Promise<Owner | undefined> {
    return ownerOf(provider, computer, await this.#owners(except), await this.#unanswered());
  }

  async visit(computer: Computer, name: string, signal: AbortSignal): Promise<Visit> {
    return await visit(computer, name, async () => isFree(await this.owner(computer.provider, computer)), signal);
  }

  async delete(computer: Computer, gesture: Gesture, signal: AbortSignal): Promise<void> {
    gesture.spend('delete-computer', computerSubject(computer));
    const { key, provider, state } = computer;
    const owner = (await this.#owners()).get(key);
    if (owner?.kind === 'session') fail('bad-input', `“${owner.session.title}” works with it. End that session first.`);
    const removed = await provider.remove(state, signal);
    if (removed.kind !== 'done') throw new AirlockError(removed.problem);
    await closeEntriesOf(this.#services.ledger, provider, state);
  }

  async #unanswered(): Promise<readonly LedgerEntry[]> {
    return (await this.#services.ledger.list()).filter(({ state }) => state === undefined);
  }

  /** Who works with which computer, by its key. */
  async #owners(except?: SessionId): Promise<ReadonlyMap<string, Owner>> {
    const { ledger, providers, store } = this.#services;
    const owners = new Map<string, Owner>();
    const entries = await ledger.list();
    const sessions = await store.list();
    const unreadable = new Set(sessions.filter(({ kind }) => kind !== 'ok').map(storedId));
    for (const { intent, state } of entries)
      this.#own(owners, state, { kind: unreadable.has(intent.session) ? 'unreadable' : 'leftover' });
    for (const stored of sessions) {
      if (stored.kind !== 'ok') continue;
      const { record } = stored;
      if (record.id === except) continue;
      const provider = providers.find(({ id }) => id === record.provider);
      this.#own(owners, record.sandbox, { kind: 'session', session: storedSummary(record, provider) });
    }
    return owners;
  }

  #own(owners: Map<string, Owner>, state: ProviderState | undefined, owner: Owner): void {
    const key = state === undefined ? undefined : this.#keyOf(state);
    if (key !== undefined) owners.set(key, owner);
  }

  #keyOf(state: ProviderState): string | undefined {
    const provider = this.#services.providers.find(({ id }) => id === state.provider);
    return provider === undefined ? undefined : keyIn(provider, state);
  }
}

/** Clocks of two machines differ by less. */
const skewMs = 60_000;

function named(
  provider: Provider,
  foreign: Foreign,
  owners: ReadonlyMap<string, Owner>,
  unanswered: readonly LedgerEntry[],
): Computer {
  const owner = ownerOf(provider, foreign, owners, unanswered);
  return { ...foreign, provider, key: keyOf(provider, foreign), ...(owner === undefined ? {} : { owner }) };
}

function ownerOf(
  provider: Provider,
  foreign: Foreign,
  owners: ReadonlyMap<string, Owner>,
  unanswered: readonly LedgerEntry[],
): Owner | undefined {
  const madeAt = Date.now() - (foreign.ageMs ?? 0);
  const isYoung = unanswered.some((one) => one.provider === provider.id && one.openedAt < madeAt + skewMs);
  return owners.get(keyOf(provider, foreign)) ?? (isYoung ? { kind: 'maybe-ours' } : undefined);
}

function keyOf(provider: Provider, foreign: Foreign): string {
  return keyIn(provider, foreign.state) ?? computerSubject(foreign);
}

function keyIn(provider: Provider, state: ProviderState): string | undefined {
  const name = provider.identify(state);
  return name === undefined ? undefined : `${provider.id} ${name}`;
}
