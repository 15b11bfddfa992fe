import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../core/machine.ts';
import { wrongSetting } from '../common/wrongSetting.ts';
import { AirlockError, problem, problemOf } from '../../core/problem.ts';
import type {
  CreateIntent,
  CreateOptions,
  Created,
  Foreign,
  Probe,
  Provider,
  ProviderState,
  Resumed,
  Settled,
  SettledCreate,
  Step,
} from '../../core/sandbox.ts';
import { theOutside, type Outside } from '../egress/outside.ts';
import type { BootParts } from './boot.ts';
import { endBoots } from './bootFolder.ts';
import { mayBeShown } from './chains.ts';
import { pathFirstOf } from './compose.ts';
import { findPlace } from './place.ts';
import { linuxCapabilities, macCapabilities, probeLinux, probeMac } from './probe.ts';
import { makeSessionFolder, sessionFolder, writeRecord, type SessionRecord } from './record.ts';
import { removeSession } from './remove.ts';
import { ProcessSandbox } from './sandbox.ts';
import { Session } from './session.ts';
import { settingsSchema } from './settings.ts';
import { folderIn, isSessionName, nameIn, providerId, stateOf, stateVersion } from './state.ts';
import { findToolchains } from './toolchains.ts';

/** What the built-in provider is made from. */
export interface ProcessProviderParts {
  readonly machine: Machine;
  /** Absolute host folder for sandboxes. The superuser's go elsewhere where this one is private. */
  readonly storage: string;
  /** Absolute paths of the two bundled programs; they are copied before use. */
  readonly programs: { readonly supervisor: string; readonly keeper: string };
  log(line: string): void;
  /** The editor's own terminal module, where it has one. */
  readonly nodePty?: string;
  /** Overrides the setting `keepAliveMinutes`. */
  readonly keepAliveMs?: number;
  /** The network that allowed hosts are reached by. Default: this machine's. */
  readonly outside?: Outside;
}

const linuxIsolation =
  'Processes on this machine, confined by Linux namespaces to a copy of the workspace, without network but for hosts that you allow.';
const macIsolation =
  'Processes on this machine, confined by macOS Seatbelt to a copy of the workspace, without network but for what listens on localhost of this machine; this confinement is unproven.';

/** The built-in provider: bubblewrap on Linux, Seatbelt on macOS, never the bare host. */
export function processProvider(parts: ProcessProviderParts): Provider {
  const { machine } = parts;
  return {
    id: providerId,
    title: 'Built-in',
    isolation: machine.platform === 'darwin' ? macIsolation : linuxIsolation,
    stateVersion,
    settings: settingsSchema,
    actions: [],
    identify: nameIn,
    probe: (signal) => probe(parts, signal),
    toolchains: async () =>
      supported(machine) ? findToolchains(machine, await findPlace(machine, parts.storage)) : [],
    create: (options, intent, step, signal) => create(parts, options, intent, step, signal),
    settle: (intent) => settle(parts, intent),
    resume: (state) => resume(parts, state),
    remove: (state) => remove(parts, state),
    inventory: () => inventory(parts),
  };
}

async function bootParts({
  machine,
  storage,
  programs,
  nodePty,
  keepAliveMs,
}: ProcessProviderParts): Promise<BootParts> {
  const place = await findPlace(machine, storage);
  return {
    machine,
    place,
    programs,
    ...(nodePty === undefined ? {} : { nodePty }),
    ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
  };
}

function supported(machine: Machine): boolean {
  return machine.platform === 'linux' || machine.platform === 'darwin';
}

function surroundings({ machine, outside = theOutside }: ProcessProviderParts) {
  return { caps: machine.platform === 'darwin' ? macCapabilities : linuxCapabilities, outside };
}

async function probe(parts: ProcessProviderParts, signal: AbortSignal): Promise<Probe> {
  if (!supported(parts.machine)) {
    const detail = 'The built-in sandbox is not available on this system: use WSL 2 or a hosted sandbox.';
    return { ready: false, problem: problem('sandbox-unavailable', detail, { fix: 'show-setup' }) };
  }
  try {
    const ready = await bootParts(parts);
    return await (parts.machine.platform === 'darwin' ? probeMac(ready) : probeLinux(ready, signal));
  } catch (error) {
    return { ready: false, problem: problemOf(error, 'storage-failed') };
  }
}

async function create(
  parts: ProcessProviderParts,
  options: CreateOptions,
  intent: CreateIntent,
  step: (s: Step) => void,
  signal: AbortSignal,
): Promise<Created> {
  const settings = settingsSchema.safeParse(options.settings);
  if (!settings.success) return { kind: 'none', problem: wrongSetting(providerId, settings.error.issues[0]) };
  if (!supported(parts.machine)) return none(await probe(parts, signal));
  const odd = options.toolchains.find((chain) => !mayBeShown(chain, parts.storage));
  if (odd !== undefined) {
    return { kind: 'none', problem: problem('bad-input', `${odd.folder} cannot be shown inside as a tool chain.`) };
  }
  let made: { own: BootParts; path: string } | undefined;
  try {
    step({ title: 'Preparing the sandbox' });
    const own = await bootParts(parts);
    const record: SessionRecord = {
      v: 1,
      session: intent.session,
      createdAt: Date.now(),
      boots: 0,
      settings: settings.data,
      toolchains: [...options.toolchains],
    };
    const path = join(own.place.sessions, nameFor(intent));
    await makeSessionFolder(own.place, path, pathFirstOf(record));
    made = { own, path };
    await writeRecord(path, record);
    if (signal.aborted) throw new AirlockError(problem('aborted', 'It was cancelled.'));
    step({ title: 'Starting the sandbox' });
    const session = new Session(own, path, record);
    return { kind: 'ready', sandbox: new ProcessSandbox(session, await session.boot(), surroundings(parts)) };
  } catch (error) {
    parts.log(`process: create failed: ${error instanceof Error ? error.message : String(error)}`);
    const why = problemOf(error, 'sandbox-start-failed');
    if (made === undefined) return { kind: 'none', problem: why };
    const left = await remove(parts, stateOf(made.path, undefined));
    return left.kind === 'done' ? { kind: 'none', problem: why } : { kind: 'unknown', problem: why };
  }
}

function none(found: Probe): Created {
  const otherwise = problem('sandbox-unavailable', 'The built-in sandbox is not available here.');
  return { kind: 'none', problem: found.ready ? otherwise : found.problem };
}

/** A session's folder is named by its intent, so that a lost answer can be settled. */
function nameFor({ key }: CreateIntent): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

async function settle(parts: ProcessProviderParts, intent: CreateIntent): Promise<SettledCreate> {
  if (!supported(parts.machine)) return { kind: 'never' };
  const own = await bootParts(parts);
  const path = join(own.place.sessions, nameFor(intent));
  if ((await lstat(path).catch(() => undefined)) === undefined) return { kind: 'never' };
  const session = await Session.open(own, path);
  return { kind: 'ours', state: stateOf(path, session?.record.run) };
}

async function resume(parts: ProcessProviderParts, state: ProviderState): Promise<Resumed> {
  try {
    const own = await bootParts(parts);
    const path = folderIn(state, own.place);
    const session = path === undefined ? undefined : await Session.open(own, path);
    if (session === undefined) return { kind: 'gone' };
    const around = surroundings(parts);
    const live = await session.rejoin();
    if (live !== undefined) return { kind: 'live', sandbox: new ProcessSandbox(session, live, around) };
    return { kind: 'restarted', sandbox: new ProcessSandbox(session, await session.boot(), around) };
  } catch (error) {
    parts.log(`process: resume failed: ${error instanceof Error ? error.message : String(error)}`);
    return { kind: 'unknown', problem: problemOf(error, 'sandbox-start-failed') };
  }
}

async function remove(parts: ProcessProviderParts, state: ProviderState): Promise<Settled> {
  try {
    const own = await bootParts(parts);
    const path = folderIn(state, own.place);
    if (path === undefined) {
      return { kind: 'failed', problem: problem('bad-input', 'This state names no sandbox of this machine.') };
    }
    const session = await Session.open(own, path);
    // Files alone tell what was started, also where the record is lost.
    if (!(await (session === undefined ? endBoots(parts.machine, path) : session.end()))) {
      return { kind: 'unknown', problem: problem('sandbox-lost', 'The end of the sandbox could not be verified.') };
    }
    await removeSession(parts.machine, own.place, path);
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', problem: problemOf(error, 'storage-failed') };
  }
}

async function inventory(parts: ProcessProviderParts): Promise<readonly Foreign[]> {
  if (!supported(parts.machine)) return [];
  const own = await bootParts(parts);
  const names = (await readdir(own.place.sessions)).filter(isSessionName);
  return Promise.all(
    names.map(async (name) => {
      const { path } = sessionFolder(join(own.place.sessions, name));
      const session = await Session.open(own, path);
      const state = stateOf(path, session?.record.run);
      if (session === undefined) return { title: `Unfinished sandbox ${name}`, state, local: true };
      return {
        title: `Sandbox ${name}`,
        state,
        local: true,
        ageMs: Math.max(0, Date.now() - session.record.createdAt),
      };
    }),
  );
}
