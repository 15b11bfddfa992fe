import type { Step } from '../../../src/core/sandbox.ts';
import { thisMachine } from '../../../src/host/spawn.ts';
import {
  createVm,
  emulatorsOf,
  Program,
  remove,
  settingsSchema,
  type CreatedVm,
  type SmolvmSettings,
} from '../../../src/sandbox/smolvm/program/index.ts';
import { skipBecause } from '../../support/commands/results.ts';
import { prepareRig, type Rig } from '../../support/smolvm/rig.ts';
import type { ProgramName } from '../../support/smolvm/place.ts';
import { eventually } from '../../support/vscode/eventually.ts';

export const machine = thisMachine();
export const never = new AbortController().signal;

/** The rig, or the suite is skipped with the reason for which there is none. */
export async function rigOrSkip(context: Mocha.Context): Promise<Rig> {
  context.timeout(600_000);
  const prepared = await prepareRig();
  return prepared.ok ? prepared.rig : skipBecause(context, prepared.reason);
}

/** One of the published programs, as the extension drives it. */
export function programOf(rig: Rig, name: ProgramName, log: (line: string) => void = () => undefined): Program {
  const { program, home, data } = rig.programs[name];
  const variable = (wanted: string) => (wanted.endsWith('_DATA_DIR') ? data : undefined);
  return new Program({ machine, path: () => program, home: () => home, variable, log });
}

let made = 0;

/** A name that no other run has. */
export function freshName(): string {
  return `airlock-t-${process.pid}-${(made += 1)}`;
}

export function settings(more: Partial<SmolvmSettings> = {}): SmolvmSettings {
  return { ...settingsSchema.parse({ os: 'alpine' }), ...more };
}

/** Creates a virtual machine or throws the problem's sentence. */
export async function created(
  program: Program,
  name: string,
  step: (s: Step) => void = () => undefined,
): Promise<void> {
  const vm: CreatedVm = await createVm(program, { name, settings: settings() }, step, never);
  if (vm.kind !== 'ready') throw new Error(`${vm.kind}: ${vm.problem.detail}`);
}

/** Deletes it whatever has become of it; a test's end. */
export async function deleted(program: Program, name: string): Promise<void> {
  const settled = await remove(program, name);
  if (settled.kind !== 'done') throw new Error(`${name} is left: ${settled.problem.detail}`);
}

/** Kills its emulator, as the system does when memory runs out. */
export async function killEmulator(name: string): Promise<void> {
  for (const { pid } of await emulatorsOf(machine, name)) process.kill(pid, 'SIGKILL');
  await eventually(async () => ((await emulatorsOf(machine, name)).length === 0 ? true : undefined), 'its end');
}
