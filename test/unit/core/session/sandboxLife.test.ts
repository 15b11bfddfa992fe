import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Provider, ProviderState, Sandbox, Settled, Status } from '../../../../src/core/sandbox.ts';
import { SandboxLife } from '../../../../src/core/session/sandboxLife.ts';
import type { LedgerEntry } from '../../../../src/core/storage.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import { recorderInMemory } from './logInMemory.ts';

const { signal } = new AbortController();
const state: ProviderState = { provider: 'kind', version: 1, data: { name: 'one' } };

/** A life with a sandbox whose own connection never answers that it is deleted. */
async function silentLife(removed: Settled) {
  const deletes: AbortSignal[] = [];
  const removes: ProviderState[] = [];
  const entries = new Map<string, LedgerEntry>();
  async function* watch(until: AbortSignal): AsyncGenerator<Status> {
    await new Promise((resolve) => until.addEventListener('abort', resolve, { once: true }));
    yield* [];
  }
  const sandbox = {
    incarnation: 'first',
    state: () => state,
    watch,
    delete: (until: AbortSignal) => {
      deletes.push(until);
      return new Promise(() => undefined);
    },
  } as unknown as Sandbox;
  const provider = {
    id: 'kind',
    create: () => Promise.resolve({ kind: 'ready', sandbox }),
    remove: (one: ProviderState) => {
      removes.push(one);
      return Promise.resolve(removed);
    },
  } as unknown as Provider;
  const ledger = {
    open: (entry: LedgerEntry) => Promise.resolve(void entries.set(entry.key, entry)),
    update: () => Promise.resolve(),
    close: (key: string) => Promise.resolve(void entries.delete(key)),
    list: () => Promise.resolve([...entries.values()]),
  };
  const { recorder } = recorderInMemory();
  const nothing = () => Promise.resolve();
  const context = { session: mintId('session'), provider, recorder, ledger, remember: nothing, adopted: nothing };
  const life = new SandboxLife({ ...context, log: () => undefined }, undefined, undefined);
  await life.create({ settings: {}, toolchains: [] }, () => undefined, signal);
  return { life, deletes, removes, entries, recorder };
}

const others = () => new Promise(setImmediate);

describe('a sandbox that does not answer that it is deleted', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('is deleted by its state alone after three minutes, and its entry is closed then', async () => {
    const { life, deletes, removes, entries, recorder } = await silentLife({ kind: 'done' });
    const deleting = life.delete();
    while (deletes.length === 0) await others();
    mock.timers.tick(179_999);
    await others();
    assert.deepEqual([removes, entries.size, deletes[0]?.aborted], [[], 1, false]);
    mock.timers.tick(1);
    await deleting;
    assert.deepEqual([removes, entries.size, deletes[0]?.aborted], [[state], 0, true]);
    assert.equal(recorder.regions.sandbox, 'deleted');
  });

  it('keeps its entry where that is not confirmed either', async () => {
    const problem = { id: 'unreachable', detail: 'The network is gone.', delivery: 'maybe-sent' } as const;
    const { life, deletes, entries, recorder } = await silentLife({ kind: 'unknown', problem });
    const deleting = life.delete();
    while (deletes.length === 0) await others();
    mock.timers.tick(180_000);
    await assert.rejects(deleting, /The network is gone/);
    assert.equal(entries.size, 1);
    assert.equal(recorder.regions.sandbox, 'lost');
  });
});
