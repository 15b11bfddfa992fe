import { access, constants } from 'node:fs/promises';
import type { Machine } from '../../core/machine.ts';
import { problem, type Problem } from '../../core/problem.ts';
import type { Probe } from '../../core/sandbox.ts';
import { capabilitiesOf, mendedBy, type Program } from './program/index.ts';

/**
 * Whether microVMs can be had here, told by what costs little: the program's version, which is remembered for as long as
 * its file is the same, and what it would start. Its doctor takes seconds and is left to those who ask for it.
 */
export async function probe(
  program: Program,
  { isGiven, backend }: { readonly isGiven: boolean; readonly backend: string | undefined },
  signal: AbortSignal,
): Promise<Probe> {
  const finding = await program.find(signal);
  if (finding.kind === 'none') return { ready: false, problem: finding.problem };
  const { machine } = program.ground;
  // Whoever names a program knows what it starts.
  const why = isGiven ? undefined : await lacks(machine);
  if (why !== undefined) return { ready: false, problem: why };
  const note = finding.note ?? `${finding.found.name} ${finding.found.version}`;
  return { ready: true, caps: capabilitiesOf(backend), note };
}

/** The backend that the program takes by itself: the first that can run, as far as that shows without running it. */
async function likelyBackend(machine: Machine): Promise<string | undefined> {
  if (machine.platform === 'linux' && (await machine.find('firecracker')) !== undefined && (await hasKvm())) {
    return 'firecracker';
  }
  const qemu = ['qemu-system-x86_64', 'qemu-system-aarch64'].map((name) => machine.find(name));
  return (await Promise.all(qemu)).some((path) => path !== undefined) ? 'qemu' : undefined;
}

async function lacks(machine: Machine): Promise<Problem | undefined> {
  if (machine.platform !== 'linux' && machine.platform !== 'darwin') {
    return problem('sandbox-unavailable', 'SmolVM does not run on this system.', { fix: 'show-setup' });
  }
  if (machine.platform === 'linux' && !(await hasKvm())) {
    const detail =
      'Virtual machines need /dev/kvm, which this user cannot use here: switch virtualisation on, or join the group kvm and log in again.';
    return problem('sandbox-unavailable', detail, { fix: 'show-setup' });
  }
  if ((await likelyBackend(machine)) === undefined) {
    const detail = 'SmolVM finds neither QEMU nor Firecracker: run SmolVM’s doctor, which tells what to install.';
    return problem('sandbox-unavailable', detail, mendedBy('doctor'));
  }
  return undefined;
}

async function hasKvm(): Promise<boolean> {
  return await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}
