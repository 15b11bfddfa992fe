import { join } from 'node:path';
import { problem, problemOf, type Problem } from '../../core/problem.ts';
import type { Foreign, Provider, ProviderState, Resumed, Settled } from '../../core/sandbox.ts';
import { unsettled } from '../common/changes.ts';
import { wrongSetting } from '../common/wrongSetting.ts';
import { createSandbox, goInto, settleCreate } from './create.ts';
import { HostKeys } from './guest/hostKeys.ts';
import { ofAnother } from './maker.ts';
import type { Ground, SmolVmProviderParts } from './parts.ts';
import { probe } from './probe.ts';
import { backendFacts, list, look, Program, settingsSchema, setupActions } from './program/index.ts';
import { Records } from './records.ts';
import { SmolVmSandbox } from './sandbox.ts';
import { nameIn, providerId, readState, stateOf, stateVersion } from './state.ts';
import { vmOf } from './vm.ts';

/** The provider of microVMs on this machine, by SmolVM. Nothing is started before it is used. */
export function smolVmProvider(parts: SmolVmProviderParts): Provider {
  const log = (line: string) => parts.log(`smolvm: ${line}`);
  const program = new Program({ ...parts, log });
  const records = new Records(parts.storage);
  const ground: Ground = { program, records, hostKeys: new HostKeys(join(parts.storage, 'host-keys')), log };
  const isGiven = () => (parts.path?.() ?? '') !== '';
  const backend = () => (parts.backend?.() === 'auto' ? undefined : parts.backend?.());
  return {
    id: providerId,
    title: 'SmolVM',
    get isolation() {
      // It is read before there is a microVM, and what an earlier one was run by says nothing of the next.
      return backendFacts(backend()).isolation;
    },
    stateVersion,
    settings: settingsSchema,
    actions: parts.openTerminal === undefined ? [] : setupActions(program, parts.openTerminal),
    probe: (signal) => probe(program, { isGiven: isGiven(), backend: backend() }, signal),
    identify: nameIn,
    toolchains: () => Promise.resolve([]),
    create: async (options, intent, step, signal) => {
      const settings = settingsSchema.safeParse(options.settings);
      if (!settings.success)
        return { kind: 'none', problem: wrongSetting(providerId, settings.error.issues[0], 'open-settings') };
      try {
        const { vmId, ...anew } = settings.data;
        const used = options.fresh === true || vmId === undefined ? anew : settings.data;
        return await createSandbox({ ground, settings: used, step, signal }, intent);
      } catch (error) {
        return { kind: 'unknown', problem: problemOf(error, 'sandbox-start-failed') };
      }
    },
    settle: (intent, signal) => settleCreate(ground, intent, signal),
    resume: (state, signal) => resume(ground, state, signal),
    remove: (state, signal) => remove(ground, state, signal),
    inventory: (signal) => inventory(ground, signal),
  };
}

async function resume(ground: Ground, state: ProviderState, signal: AbortSignal): Promise<Resumed> {
  try {
    const known = readState(state);
    if (known === undefined) return { kind: 'unknown', problem: foreignState() };
    const { program, records, hostKeys } = ground;
    const other = await ofAnother(program, known.program);
    if (other !== undefined) return { kind: 'unknown', problem: other };
    const before = await records.vm(known.vmId);
    const kept = await records.vmOrUsual(known.vmId);
    const vm = vmOf(program, known.vmId, known.program, kept.bootTimeout);
    const truth = await look(program, known.vmId, signal);
    if (truth === undefined) {
      await records.dropVm(known.vmId);
      await hostKeys.drop(known.vmId);
      return { kind: 'gone' };
    }
    const started = truth.info.status !== 'running' || truth.process !== 'runs';
    if (started) await vm.start(signal);
    const guest = await goInto(ground, vm, truth.info, signal);
    const { incarnation } = guest.inside;
    await records.putVm({ ...kept, ...known, v: 1, incarnation });
    const sandbox = new SmolVmSandbox({ ground, vm, state: known, guest, backend: truth.info.backend });
    await sandbox.expose(kept.exposedPorts);
    return before?.incarnation === incarnation ? { kind: 'live', sandbox } : { kind: 'restarted', sandbox, started };
  } catch (error) {
    const why = problemOf(error, 'unreachable');
    ground.log(`resume failed (${why.id}: ${why.detail})`);
    return { kind: 'unknown', problem: why };
  }
}

async function remove(ground: Ground, state: ProviderState, signal: AbortSignal): Promise<Settled> {
  try {
    const known = readState(state);
    if (known === undefined) return { kind: 'failed', problem: foreignState() };
    const { program, records, hostKeys } = ground;
    const other = await ofAnother(program, known.program);
    if (other !== undefined) return { kind: 'failed', problem: other };
    signal.throwIfAborted();
    const settled: Settled = known.deleteOnClose
      ? await vmOf(program, known.vmId, known.program).delete()
      : { kind: 'done' };
    if (settled.kind === 'done') {
      await records.dropVm(known.vmId);
      if (known.deleteOnClose) await hostKeys.drop(known.vmId);
    }
    return settled;
  } catch (error) {
    return unsettled(error, 'unreachable');
  }
}

/** Every microVM of this user, also those that we did not make. */
async function inventory({ program, records }: Ground, signal: AbortSignal): Promise<readonly Foreign[]> {
  if ((await program.find(signal)).kind === 'none') return [];
  const { name } = await program.found(signal);
  const held = (await records.vms()).filter((one) => one.program === name);
  const made = await records.made(name);
  const names = [...held.map(({ vmId }) => vmId), ...made];
  return (await list(program, names, signal)).map((vm) => {
    const isOurs = made.has(vm.name);
    // What was attached is older than its record.
    const since = isOurs ? held.find(({ vmId }) => vmId === vm.name)?.madeAt : undefined;
    const state = (deleteOnClose: boolean) => stateOf({ program: name, vmId: vm.name, deleteOnClose });
    return {
      title: vm.name,
      state: state(true),
      attach: state(false),
      local: true,
      detail: isOurs ? vm.status : `${vm.status}, not made by Airlock`,
      ...(since === undefined ? {} : { ageMs: Math.max(0, Date.now() - since) }),
    };
  });
}

function foreignState(): Problem {
  return problem('bad-input', 'This state names no microVM of SmolVM.');
}
