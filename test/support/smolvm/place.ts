import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cache } from '../commands/places.mjs';

/** The published programs that the rig installs. */
export const programNames = ['smolvm', 'celesto'] as const;
export type ProgramName = (typeof programNames)[number];

/** Sizes of disk, in MiB, that a virtual machine of the rig can be created with. The first is the programs' default. */
export const diskSizes = [512, 1024, 2048] as const;

/** What makes a guest, and what stands between a program and QEMU. */
export const recipe = `${import.meta.dirname}/recipe`;

/** The list of packages of a program, with their exact versions. */
export function requirementsOf(name: ProgramName): string {
  return `${import.meta.dirname}/programs/${name}.txt`;
}

/** Everything of the rig but the programs' packages lies below this folder; another recipe has another one. */
export const rigsFolder = `${cache}/smolvm-rig`;
export const rigFolder = `${rigsFolder}/${fingerprint()}`;

/** Written last: the rig is ready. */
export const readyMark = `${rigFolder}/ready`;

function fingerprint(): string {
  const hash = createHash('sha256').update('1');
  const files = readdirSync(recipe)
    .sort()
    .map((name) => `${recipe}/${name}`);
  for (const path of [...files, ...programNames.map(requirementsOf)])
    hash.update(path.slice(-20)).update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
}
