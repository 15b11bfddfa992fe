import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { runShown } from '../commands/shown.mjs';
import type { RigProgram } from './launcher.ts';
import { diskSizes, recipe, rigFolder, type ProgramName } from './place.ts';

const guest = `${rigFolder}/guest`;

/** Makes kernel, initrd and root file system. Needs root and the tools of Debian. */
export async function buildGuest(): Promise<void> {
  await mkdir(guest, { recursive: true });
  // Debian's tool refuses a path with blanks, and the cache's may have some.
  const scratch = await mkdtemp(`${tmpdir()}/airlock-guest-`);
  try {
    await shown('sh', [`${recipe}/guest.sh`, recipe, guest], { cwd: scratch });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Puts the guest where a program looks for its own image, with the mark that it looks for. */
export async function registerGuest(name: ProgramName, { home, python }: RigProgram): Promise<void> {
  const images = `${rigFolder}/images/${name}`;
  await mkdir(images, { recursive: true });
  const env = { ...process.env, HOME: home, SMOLVM_IMAGE_DIR: images, CELESTO_IMAGE_DIR: images };
  const files = [`${guest}/vmlinuz`, `${guest}/rootfs.ext4`];
  await shown(python, [`${recipe}/stamp.py`, name, ...files, ...diskSizes.map(String)], { env });
}

async function shown(program: string, args: readonly string[], options: Parameters<typeof runShown>[2]): Promise<void> {
  const code = await runShown(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args[0] ?? ''} ended with ${code}`);
}
