import { createHash } from 'node:crypto';
import { AirlockError, problem, problemOf, type Problem } from '../../core/problem.ts';
import type { Created, CreateIntent, SettledCreate, Step } from '../../core/sandbox.ts';
import { Guest } from './guest/guest.ts';
import { ofAnother } from './maker.ts';
import type { Ground } from './parts.ts';
import { createVm, emulatorsOf, look, type SmolvmSettings, type VmInfo, type VmTruth } from './program/index.ts';
import { SmolVmSandbox } from './sandbox.ts';
import { stateOf, type SmolVmState } from './state.ts';
import { sshOf, vmOf, type Vm } from './vm.ts';
import { untilOver } from './program/creators.ts';

export interface CreateParts {
  readonly ground: Ground;
  readonly settings: SmolvmSettings;
  readonly step: (s: Step) => void;
  readonly signal: AbortSignal;
}

/** Creates a microVM, or takes the one that the settings name. What was created and cannot be used is deleted. */
export async function createSandbox(parts: CreateParts, intent: CreateIntent): Promise<Created> {
  const { settings, signal } = parts;
  if (signal.aborted) return { kind: 'none', problem: cancelled() };
  return settings.vmId === undefined ? await make(parts, intent) : await attach(parts, settings.vmId);
}

async function make(parts: CreateParts, intent: CreateIntent): Promise<Created> {
  const { ground, settings, step, signal } = parts;
  const { program, records } = ground;
  const name = nameFor(intent);
  step({ title: 'Looking for SmolVM' });
  const found = await program.find(signal);
  if (found.kind === 'none') return { kind: 'none', problem: found.problem };
  if (signal.aborted) return { kind: 'none', problem: cancelled() };
  await records.putCreate({ v: 1, key: intent.key, program: found.found.name, vmId: name });
  const created = await createVm(program, { name, settings }, step, signal);
  if (created.kind !== 'ready') {
    if (created.kind === 'none') await records.dropCreate(intent.key);
    return created;
  }
  const vm = vmOf(program, name, found.found.name, settings.bootTimeout);
  const state = { program: found.found.name, vmId: name, deleteOnClose: settings.deleteOnClose ?? true };
  try {
    return { kind: 'ready', sandbox: await enter(parts, vm, state, { info: created.info, process: 'runs' }) };
  } catch (error) {
    const why = problemOf(error, 'sandbox-start-failed');
    ground.log(`no microVM could be had (${why.id}: ${why.detail})`);
    const settled = await vm.delete();
    if (settled.kind !== 'done') return { kind: 'unknown', problem: { ...why, delivery: 'maybe-sent' } };
    await records.dropVm(name);
    await ground.hostKeys.drop(name);
    return { kind: 'none', problem: why };
  }
}

/** Takes a microVM that is there already. It is left as it was where it cannot be used. */
async function attach(parts: CreateParts, vmId: string): Promise<Created> {
  const { ground, settings, step, signal } = parts;
  try {
    step({ title: 'Looking for the microVM' });
    const { name: program } = await ground.program.found(signal);
    const vm = vmOf(ground.program, vmId, program, settings.bootTimeout);
    const truth = await look(ground.program, vmId, signal);
    if (truth === undefined) {
      // One that is made under its name again has another key.
      await ground.hostKeys.drop(vmId);
      throw new AirlockError(problem('not-found', `SmolVM knows no microVM named ${vmId}.`));
    }
    if (truth.info.status !== 'running' || truth.process !== 'runs') await vm.start(signal);
    const state = { program, vmId, deleteOnClose: settings.deleteOnClose ?? false };
    return { kind: 'ready', sandbox: await enter(parts, vm, state, truth) };
  } catch (error) {
    return { kind: 'none', problem: { ...problemOf(error, 'sandbox-start-failed'), delivery: 'never-sent' } };
  }
}

async function enter(
  { ground, settings: { exposedPorts, bootTimeout }, step, signal }: CreateParts,
  vm: Vm,
  state: SmolVmState,
  { info }: VmTruth,
): Promise<SmolVmSandbox> {
  step({ title: 'Preparing the microVM' });
  const guest = await goInto(ground, vm, info, signal);
  const { incarnation } = guest.inside;
  await ground.records.putVm({ ...state, v: 1, incarnation, madeAt: Date.now(), exposedPorts, bootTimeout });
  const sandbox = new SmolVmSandbox({ ground, vm, state, guest, backend: info.backend });
  await sandbox.expose(exposedPorts);
  return sandbox;
}

/** Enters a microVM whose emulator runs. */
export async function goInto(ground: Ground, vm: Vm, info: VmInfo, signal: AbortSignal): Promise<Guest> {
  const endpoint = await sshOf(ground.program, info, signal);
  const log = (line: string) => ground.log(line);
  return await Guest.open(vm, { hostKeys: ground.hostKeys, endpoint, log }, signal);
}

/** A microVM is named by its intent, so that a lost answer can be settled. */
function nameFor({ key }: CreateIntent): string {
  return `airlock-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

/**
 * Finds out what became of a create whose answer was lost: a program that still works at it is waited for, and what it has
 * made is found by its name. Throws what keeps that from being known.
 */
export async function settleCreate(ground: Ground, intent: CreateIntent, signal: AbortSignal): Promise<SettledCreate> {
  const { program, records } = ground;
  const record = await records.create(intent.key);
  if (record === undefined) return { kind: 'never' };
  const { vmId } = record;
  const other = await ofAnother(program, record.program);
  if (other !== undefined) throw new AirlockError(other);
  const { machine } = program.ground;
  await untilOver(machine, vmId, signal);
  const known = (await look(program, vmId, signal)) !== undefined;
  if (known || (await emulatorsOf(machine, vmId)).length > 0) {
    return { kind: 'ours', state: stateOf({ program: record.program, vmId, deleteOnClose: true }) };
  }
  await records.dropVm(vmId);
  await ground.hostKeys.drop(vmId);
  await records.dropCreate(intent.key);
  return { kind: 'never' };
}

function cancelled(): Problem {
  return problem('aborted', 'It was cancelled.');
}
