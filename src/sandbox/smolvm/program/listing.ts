import { leftNames } from './emulators.ts';
import { look, type VmTruth } from './machines.ts';
import type { Program } from './program.ts';
import { listShape, type ListedVm } from './shapes.ts';

/** States that have no process: a list of these leaves everything as it is. */
const atRest = ['stopped', 'created'] as const;
/** Each is asked about; others may have left some where everybody can leave something. */
const mostLooked = 100;

/**
 * The virtual machines of this user, found without a change to any: those at rest, those in `own`, and those of which a
 * disk, a process or a socket is there. Any other list of the program, also the one without `--all`, gives up every
 * virtual machine whose process has ended, as after a restart of this computer: it could never be started again.
 */
export async function list(
  program: Program,
  own: readonly string[],
  signal?: AbortSignal,
): Promise<readonly ListedVm[]> {
  const listed = new Map<string, ListedVm>();
  for (const status of atRest) {
    const { vms } = await program.data(['sandbox', 'list', '--status', status], listShape, { signal });
    for (const vm of vms) listed.set(vm.name, vm);
  }
  const seen = [...(await program.diskNames(signal)), ...(await leftNames(program.ground.machine))];
  const more = [...new Set(seen)].filter((name) => !listed.has(name)).slice(0, mostLooked);
  for (const name of new Set([...own, ...more])) {
    if (listed.has(name)) continue;
    const truth = await look(program, name, signal);
    if (truth !== undefined) listed.set(name, asListed(truth));
  }
  return [...listed.values()];
}

/** One that has ended is as good as stopped: its disk is there. */
function asListed(truth: VmTruth): ListedVm {
  const { name, status, pid, ssh_port } = truth.info;
  const ended = (status === 'running' || status === 'paused') && truth.process !== 'runs';
  return { name, status: ended ? 'stopped' : status, pid, ssh_port };
}
