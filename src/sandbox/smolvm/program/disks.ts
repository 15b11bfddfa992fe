import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Found } from './call.ts';
import { namePattern } from './shapes.ts';

/** Where a program of this user may keep its state. */
export interface StatePlaces {
  /** The home folder that the program sees. */
  readonly home: string;
  /** Reads a variable of the environment that the program gets. */
  readonly variable: (name: string) => string | undefined;
}

/**
 * Names of virtual machines that have a disk where the program keeps disks: one each, named after its machine. Only names
 * of files are read. The folders are those of the program's own search, all of them, since which one it takes depends on
 * what it may write; a name that it does not know is for the caller to find out.
 */
export async function diskNames({ name }: Pick<Found, 'name'>, places: StatePlaces): Promise<readonly string[]> {
  const folders = dataFolders(name, places).map((folder) => join(folder, 'disks'));
  const files = await Promise.all(folders.map((folder) => readdir(folder).catch((): string[] => [])));
  const named = files.flat().flatMap((file) => /^([^.]+)\.(?:qcow2|ext4)$/.exec(file)?.[1] ?? []);
  return [...new Set(named)].filter((one) => namePattern.test(one)).sort();
}

/** Ids of snapshots that lie where the program keeps them, told as {@link diskNames} are. */
export async function snapshotIds({ name }: Pick<Found, 'name'>, places: StatePlaces): Promise<readonly string[]> {
  const folders = dataFolders(name, places).map((folder) => join(folder, 'snapshots'));
  const ids = await Promise.all(folders.map((folder) => readdir(folder).catch((): string[] => [])));
  return [...new Set(ids.flat())].filter((id) => namePattern.test(id)).sort();
}

function dataFolders(name: Found['name'], { home, variable }: StatePlaces): readonly string[] {
  // The newer program takes the older one's variables and folders where it has none of its own.
  const names = name === 'celesto' ? ['celesto', 'smolvm'] : ['smolvm'];
  const given = names.map((one) => variable(`${one.toUpperCase()}_DATA_DIR`)).find((folder) => folder !== undefined);
  if (given !== undefined) return [given];
  const state = variable('XDG_STATE_HOME') ?? join(home, '.local', 'state');
  return [state, '/var/lib'].flatMap((folder) => names.map((one) => join(folder, one)));
}
