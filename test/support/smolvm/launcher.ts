import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { recipe, rigFolder, type ProgramName } from './place.ts';

/** One published program, as tests start it. */
export interface RigProgram {
  /** Absolute path of a program that starts the published one with all of its state below the rig's folder. */
  readonly program: string;
  /** The home folder that it sees, whatever the caller's is: keys lie in `.NAME/keys` below it. */
  readonly home: string;
  /** The folder of its database, disks and console logs. */
  readonly data: string;
  /** The Python that has its packages. */
  readonly python: string;
}

export function rigProgram(name: ProgramName, python: string): RigProgram {
  return { ...rigPlaces(name), python };
}

/** Where a program and its state lie once the rig is ready. */
export function rigPlaces(name: ProgramName): Omit<RigProgram, 'python'> {
  const state = `${rigFolder}/state/${name}`;
  return { program: `${rigFolder}/programs/${name}`, home: `${state}/home`, data: `${state}/data` };
}

/** Makes the programs' launchers and the stand-in for QEMU that emulates. */
export async function writeLaunchers(programs: Readonly<Record<ProgramName, RigProgram>>, qemu: string): Promise<void> {
  await mkdir(`${rigFolder}/bin`, { recursive: true });
  await copyFile(`${recipe}/qemu.sh`, `${rigFolder}/bin/qemu-system-x86_64`);
  await chmod(`${rigFolder}/bin/qemu-system-x86_64`, 0o755);
  for (const [name, one] of Object.entries(programs)) {
    await mkdir(`${one.home}/.ssh`, { recursive: true, mode: 0o700 });
    await mkdir(one.data, { recursive: true, mode: 0o700 });
    // Spares the program fifteen seconds per call: it tries the home's own key before the one that it has made.
    await symlink(`../.${name}/keys/id_ed25519`, `${one.home}/.ssh/id_ed25519`).catch(ignoreExisting);
    await mkdir(dirname(one.program), { recursive: true });
    await writeFile(one.program, launcher(name, one, qemu), { mode: 0o755 });
  }
}

function launcher(name: string, one: RigProgram, qemu: string): string {
  const own = {
    BACKEND: 'qemu',
    QEMU_MACHINE: 'q35',
    NO_KVM_REEXEC: '1',
    DISABLE_VERSION_CHECK: '1',
    DATA_DIR: one.data,
    IMAGE_DIR: `${rigFolder}/images/${name}`,
  };
  const variables = {
    HOME: one.home,
    SUDO_USER: '',
    CELESTO_NO_TELEMETRY: '1',
    AIRLOCK_RIG_QEMU: qemu,
    AIRLOCK_RIG_INITRD: `${rigFolder}/guest/initrd.img`,
    ...Object.fromEntries(
      ['SMOLVM', 'CELESTO'].flatMap((prefix) => Object.entries(own).map(([key, value]) => [`${prefix}_${key}`, value])),
    ),
  };
  return [
    '#!/bin/sh',
    `PATH=${quoted(`${rigFolder}/bin`)}:\${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin`,
    'export PATH',
    ...Object.entries(variables).map(([key, value]) => `export ${key}=${quoted(value)}`),
    `exec ${quoted(`${dirname(one.python)}/${name}`)} "$@"`,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
