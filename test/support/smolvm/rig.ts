import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { cache } from '../commands/places.mjs';
import { withLock } from '../commands/lock.mjs';
import { ensurePrograms, findProgram, isDebianRoot } from '../commands/system.mjs';
import { installPython } from '../python.ts';
import { emulatorsBelow } from './emulators.ts';
import { buildGuest, registerGuest } from './guest.ts';
import { rigProgram, writeLaunchers, type RigProgram } from './launcher.ts';
import { programNames, readyMark, requirementsOf, rigFolder, rigsFolder, type ProgramName } from './place.ts';

/** The published programs, on an emulated processor, with a guest made of Debian's packages. */
export interface Rig {
  /** Everything that the programs read and write lies below it. */
  readonly folder: string;
  readonly programs: Readonly<Record<ProgramName, RigProgram>>;
}

/** The rig, or the named reason for which this machine cannot have it. */
export type PreparedRig = { readonly ok: true; readonly rig: Rig } | { readonly ok: false; readonly reason: string };

const neededBytes = 4e9;

/** What the recipe and the programs need of the system, by the Debian package that brings it. */
const packages = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  ssh: 'openssh-client',
  sftp: 'openssh-client',
  ps: 'procps',
  debootstrap: 'debootstrap',
  'mkfs.ext4': 'e2fsprogs',
  cpio: 'cpio',
  xz: 'xz-utils',
};

/**
 * Prepares the rig in the git-ignored cache: minutes where there is nothing, nothing where it is ready. Never touches
 * the state of programs that the user may have.
 */
export async function prepareRig(): Promise<PreparedRig> {
  const installed = await installPrograms();
  if ('reason' in installed) return { ok: false, reason: installed.reason };
  const ready: PreparedRig = { ok: true, rig: { folder: rigFolder, programs: installed } };
  if (existsSync(readyMark)) return ready;
  return withLock('smolvm-rig', async () => {
    if (existsSync(readyMark)) return ready;
    try {
      const reason = await makeRig(installed);
      return reason === undefined ? ready : { ok: false, reason };
    } catch (error) {
      return { ok: false, reason: `The virtual machine's rig cannot be made: ${String(error)}` };
    }
  });
}

async function installPrograms(): Promise<Record<ProgramName, RigProgram> | { reason: string }> {
  // Whatever is certain to be in vain is said before anything is fetched.
  const reason = existsSync(readyMark) ? undefined : await whyNot();
  if (reason !== undefined) return { reason };
  const smolvm = await installPython('smolvm', requirementsOf('smolvm'));
  if (!smolvm.ok) return smolvm;
  const celesto = await installPython('celesto', requirementsOf('celesto'));
  if (!celesto.ok) return celesto;
  return { smolvm: rigProgram('smolvm', smolvm.program), celesto: rigProgram('celesto', celesto.program) };
}

async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'not Linux on x86-64';
  if (!isDebianRoot()) return 'not Debian as root, which the making of a guest needs';
  await mkdir(cache, { recursive: true });
  const { bavail, bsize } = await statfs(cache);
  return bavail * bsize < neededBytes ? 'less than 4 GB of free disk' : undefined;
}

async function makeRig(programs: Record<ProgramName, RigProgram>): Promise<string | undefined> {
  const missing = await ensurePrograms(packages, 'at most 90 MB to fetch');
  if (missing.length > 0) return `${missing.join(', ')} cannot be installed`;
  await removeOthers();
  await rm(rigFolder, { recursive: true, force: true });
  await mkdir(rigFolder, { recursive: true });
  await buildGuest();
  await writeLaunchers(programs, findProgram('qemu-system-x86_64') ?? '/usr/bin/qemu-system-x86_64');
  for (const name of programNames) await registerGuest(name, programs[name]);
  await writeFile(readyMark, '');
  return undefined;
}

/** Rigs of older recipes go, but for one that still runs something. */
async function removeOthers(): Promise<void> {
  for (const name of await readdir(rigsFolder).catch((): string[] => [])) {
    const folder = `${rigsFolder}/${name}`;
    if (folder !== rigFolder && emulatorsBelow(folder).length === 0) await rm(folder, { recursive: true, force: true });
  }
}
