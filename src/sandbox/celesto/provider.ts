import { Agent } from 'undici';
import { fail, problem, problemOf, type Problem } from '../../core/problem.ts';
import type { Foreign, Probe, Provider, ProviderState, Resumed, Settled } from '../../core/sandbox.ts';
import { hidden, organizationOf } from './account.ts';
import { Api, type Computer } from './api/client.ts';
import { apiOrigin, defaultBaseUrl } from './api/origin.ts';
import { capabilities } from './capabilities.ts';
import { createComputer, settleCreate, usualIdleMinutes } from './create.ts';
import { prepareInside } from './inside.ts';
import { reachGone, reachRunning, shown } from './lifecycle.ts';
import { NetworkDispatcher } from '../common/dispatcher.ts';
import { unsettled } from '../common/changes.ts';
import { wrongSetting } from '../common/wrongSetting.ts';
import type { CelestoProviderParts, Ground } from './parts.ts';
import { Records } from './records.ts';
import { CelestoSandbox } from './sandbox.ts';
import { settingsSchema } from './settings.ts';
import { providerId, readState, stateOf } from './state.ts';

/** What the descriptor of hosted computers answers with once one is used. */
export type Driver = Pick<Provider, 'probe' | 'create' | 'settle' | 'resume' | 'remove' | 'inventory'> & {
  /** Answers why a key is of no use at its origin; undefined where it works. It is sent nowhere else. */
  check(key: string, origin: string, signal: AbortSignal): Promise<Problem | undefined>;
};

/** The driver of hosted Celesto computers. Nothing is asked of the service before it is used. */
export function celestoDriver(given: CelestoProviderParts): Driver {
  const parts: DriverParts = {
    ...given,
    log: (line) => given.log(line),
    dispatcher: given.dispatcher ?? (given.network === undefined ? new Agent() : new NetworkDispatcher(given.network)),
  };
  return {
    check: (key, origin, signal) => check(parts, { key, origin }, signal),
    probe: (signal) => probe(parts, signal),
    create: async (options, intent, step, signal) => {
      const settings = settingsSchema.safeParse(options.settings);
      if (!settings.success)
        return { kind: 'none', problem: wrongSetting(providerId, settings.error.issues[0], 'open-settings') };
      try {
        const { ground, origin } = reach(parts);
        const { computerId, ...anew } = settings.data;
        const used = options.fresh === true || computerId === undefined ? anew : settings.data;
        return await createComputer({ ground, origin, settings: used, step, signal }, intent);
      } catch (error) {
        return { kind: 'none', problem: problemOf(error, 'bad-input') };
      }
    },
    settle: (intent) => {
      const { ground, origin } = reach(parts);
      return settleCreate(ground, origin, intent);
    },
    resume: (state, signal) => resume(parts, state, signal),
    remove: (state, signal) => remove(parts, state, signal),
    inventory: (signal) => inventory(parts, signal),
  };
}

type DriverParts = CelestoProviderParts & Pick<Ground, 'dispatcher'>;

/** A key that is not kept yet, and the one origin that it was entered for. */
interface Given {
  readonly key: string;
  readonly origin: string;
}

interface Reach {
  readonly ground: Ground;
  readonly origin: string;
}

/** The service as it is to be reached now. Throws `bad-input` for a base URL that cannot be used. */
function reach(parts: DriverParts, given?: Given): Reach {
  const origin = apiOrigin(parts.baseUrl?.() ?? defaultBaseUrl);
  if (given !== undefined && given.origin !== origin) {
    fail('bad-input', `The key was entered for ${given.origin}, which is no longer the address that is set.`);
  }
  const { dispatcher, storage, keys } = parts;
  const log = (line: string) => parts.log(line);
  const read = given === undefined ? async () => (await keys.read(origin))?.value : () => Promise.resolve(given.key);
  const records = new Records(storage);
  const hiddenAt = async (path: string): Promise<Problem | undefined> => {
    const computer = /^\/computers\/([^/?]+)/.exec(path)?.[1];
    return computer === undefined ? undefined : await hidden(api, records, decodeURIComponent(computer));
  };
  const api: Api = new Api({ origin, key: read, dispatcher, log, hidden: hiddenAt });
  return { origin, ground: { api, dispatcher, records, log } };
}

/** Answers why a key is of no use; undefined where it works. */
async function check(parts: DriverParts, given: Given | undefined, signal: AbortSignal): Promise<Problem | undefined> {
  try {
    await reach(parts, given).ground.api.probe(signal);
    return undefined;
  } catch (error) {
    return problemOf(error, 'unreachable');
  }
}

async function probe(parts: DriverParts, signal: AbortSignal): Promise<Probe> {
  try {
    const { origin } = reach(parts);
    const key = await parts.keys.read(origin);
    const why = await check(parts, undefined, signal);
    if (why !== undefined) return { ready: false, problem: why };
    const caps = capabilities();
    return key?.from === undefined ? { ready: true, caps } : { ready: true, caps, note: `Signed in by ${key.from}.` };
  } catch (error) {
    return { ready: false, problem: problemOf(error, 'sandbox-unavailable') };
  }
}

async function resume(parts: DriverParts, state: ProviderState, signal: AbortSignal): Promise<Resumed> {
  try {
    const { ground, origin } = reach(parts);
    const known = readState(state, origin);
    if (known === undefined) return { kind: 'unknown', problem: foreignState() };
    const { api, records } = ground;
    const before = await records.computer(known.computerId);
    const seen: string[] = [];
    const reached = await reachRunning(api, known.computerId, { signal, told: (status) => seen.push(status) });
    if (reached === 'gone') {
      await records.dropComputer(known.computerId);
      return { kind: 'gone' };
    }
    const wasStarted = seen[0] !== 'running';
    const made = (await records.maker(known.computerId))?.idleMinutes;
    // Without notes of ours it would run on, paid for, when nobody comes back.
    const usual = made ?? (known.deleteOnClose || wasStarted ? usualIdleMinutes : undefined);
    const idleMinutes = before === undefined ? usual : before.idleMinutes;
    const inside = await prepareInside(api, known.computerId, idleMinutes, signal);
    const { incarnation } = inside;
    const { deleteOnClose } = known;
    const organization = await organizationOf(ground, known.computerId, signal);
    const kept = { idleMinutes, organization };
    await records.putComputer(known.computerId, { v: 1, incarnation, deleteOnClose, ...kept, seenAt: Date.now() });
    const sandbox = new CelestoSandbox(ground, known, inside, idleMinutes, capabilities(reached));
    const live = before === undefined ? !wasStarted : before.incarnation === incarnation;
    return live ? { kind: 'live', sandbox } : { kind: 'restarted', sandbox, started: seen.includes('stopped') };
  } catch (error) {
    parts.log(`celesto: resume failed: ${problemOf(error, 'unreachable').detail}`);
    return { kind: 'unknown', problem: problemOf(error, 'unreachable') };
  }
}

async function remove(parts: DriverParts, state: ProviderState, signal: AbortSignal): Promise<Settled> {
  try {
    const { ground, origin } = reach(parts);
    const known = readState(state, origin);
    if (known === undefined) return { kind: 'failed', problem: foreignState() };
    const settled: Settled = known.deleteOnClose
      ? await reachGone(ground.api, known.computerId, { signal })
      : { kind: 'done' };
    if (settled.kind === 'done') await ground.records.dropComputer(known.computerId);
    return settled;
  } catch (error) {
    return unsettled(error, 'unreachable');
  }
}

/** Every computer of the account. Removing one by this state deletes it, also where it had only been attached. */
async function inventory(parts: DriverParts, signal: AbortSignal): Promise<readonly Foreign[]> {
  const { ground, origin } = reach(parts);
  const listed = await ground.api.list(signal);
  const there = listed.filter(({ status }) => status !== 'deleted' && status !== 'deleting');
  return await Promise.all(
    there.map(async (computer): Promise<Foreign> => {
      const state = (deleteOnClose: boolean) => stateOf({ computerId: computer.id, origin, deleteOnClose });
      const created = Date.parse(computer.created_at ?? '');
      const endsInMs = await timeLeft(ground, computer);
      return {
        title: computer.name.replace(/[^\x20-\x7e]/g, '?').slice(0, 80),
        state: state(true),
        attach: state(false),
        detail: describe(computer),
        ...(Number.isNaN(created) ? {} : { ageMs: Math.max(0, Date.now() - created) }),
        ...(endsInMs === undefined ? {} : { endsInMs }),
      };
    }),
  );
}

function describe({ vcpus, ram_mb: memory, status }: Computer): string {
  const size = [vcpus == null ? [] : `${vcpus} CPU`, memory == null ? [] : `${memory} MiB memory`].flat();
  return [...size, shown(status)].join(', ');
}

/** Until its watchdog shuts it down, unless somebody comes back; as far as this machine knows. */
async function timeLeft({ records }: Ground, { id, status }: Computer): Promise<number | undefined> {
  const record = status === 'running' ? await records.computer(id) : undefined;
  if (record?.idleMinutes === undefined || record.idleMinutes === 0) return undefined;
  return Math.max(0, record.seenAt + record.idleMinutes * 60_000 - Date.now());
}

function foreignState(): Problem {
  return problem('bad-input', 'This state names no computer of the service that is set.');
}
