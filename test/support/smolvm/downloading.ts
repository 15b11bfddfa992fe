import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramName } from './place.ts';
import type { Rig } from './rig.ts';

/** A published program whose downloads come from a slow server of this machine. */
export interface Downloading {
  /** Absolute path of the program. */
  readonly program: string;
  /** The home folder that it sees. */
  readonly home: string;
  /** Names of the files that lie where images are kept. */
  files(): readonly string[];
  remove(): Promise<void>;
}

/** Makes one, with state of its own. */
export async function downloading(rig: Rig, name: ProgramName): Promise<Downloading> {
  const home = await mkdtemp(join(tmpdir(), 'airlock-download-'));
  const program = join(home, name);
  const words = [rig.programs[name].python, join(import.meta.dirname, 'download.py'), name, home];
  const command = words.map((word) => `'${word}'`).join(' ');
  await writeFile(program, `#!/bin/sh\nPATH='${rig.folder}/bin':"$PATH" exec ${command} "$@"\n`, { mode: 0o755 });
  return {
    program,
    home,
    files: () =>
      readdirSync(join(home, 'images'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name),
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
