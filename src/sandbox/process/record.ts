import { chown, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { etcOfOurs, inside, pathInside } from './bwrapArguments.ts';
import type { Place } from './place.ts';
import { settingsSchema } from './settings.ts';

/** What is running for a session, by ids that are never used twice. */
const runSchema = z.object({
  incarnation: z.string().regex(/^[0-9a-f]{16}$/),
  keeper: z.object({ pid: z.int().min(2), start: z.string() }),
  socket: z.string(),
  /** Holds the sockets; gone with the boot. */
  folder: z.string(),
  child: z.object({ pid: z.int().min(0), start: z.string() }),
});

/** A session's own record, in its folder, out of the sandbox's reach. */
const recordSchema = z.object({
  v: z.literal(1),
  session: z.string(),
  createdAt: z.number(),
  boots: z.int().min(0),
  settings: settingsSchema,
  toolchains: z.array(z.object({ name: z.string(), folder: z.string(), bin: z.string() })),
  run: runSchema.optional(),
});

export type Run = z.infer<typeof runSchema>;
export type SessionRecord = z.infer<typeof recordSchema>;

/** Paths of one session on this machine. */
export interface SessionFolder {
  readonly path: string;
  readonly home: string;
  readonly workspace: string;
  readonly etc: string;
}

/** What lies in a session’s folder, and where. */
export function sessionFolder(path: string): SessionFolder {
  return { path, home: join(path, 'home'), workspace: join(path, 'ws'), etc: join(path, 'etc') };
}

/** Reads a session's record; undefined where there is none or it cannot be read as one. */
export async function readRecord(path: string): Promise<SessionRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(path, 'record.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Replaces a session’s record as a whole. Rejects where the disk does not take it. */
export async function writeRecord(path: string, record: SessionRecord): Promise<void> {
  const fresh = join(path, `record.${process.pid}.new`);
  await writeFile(fresh, JSON.stringify(record), { mode: 0o600 });
  await rename(fresh, join(path, 'record.json'));
}

/** Makes a session's folders, with an empty home, an empty workspace and our own files for /etc. */
export async function makeSessionFolder(place: Place, path: string, pathFirst: readonly string[]): Promise<void> {
  const folder = sessionFolder(path);
  await mkdir(path, { mode: place.drop === undefined ? 0o700 : 0o711 });
  await mkdir(folder.etc, { mode: 0o755 });
  const id = place.drop?.uid ?? process.getuid?.() ?? 1000;
  const group = place.drop?.gid ?? process.getgid?.() ?? 1000;
  const contents: Record<(typeof etcOfOurs)[number], string> = {
    passwd: `agent:x:${id}:${group}:agent:${inside.home}:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n`,
    group: `agent:x:${group}:\nnogroup:x:65534:\n`,
    hosts: '127.0.0.1 localhost airlock\n::1 localhost\n',
    'resolv.conf': '',
    // A login shell would otherwise take the system's PATH and lose the tool chains and the editor's runtime.
    profile: `export PATH='${pathInside(pathFirst)}'\n[ -z "$BASH" ] || [ ! -r /etc/bash.bashrc ] || . /etc/bash.bashrc\n`,
    gitconfig: '[user]\n\tname = Agent\n\temail = agent@airlock.invalid\n[init]\n\tdefaultBranch = main\n',
  };
  for (const name of etcOfOurs) await writeFile(join(folder.etc, name), contents[name], { mode: 0o644 });
  for (const own of [folder.home, folder.workspace]) await makeOwned(place, own);
}

/** A folder that belongs to the sandbox's user. */
export async function makeOwned(place: Place, path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (place.drop !== undefined) await chown(path, place.drop.uid, place.drop.gid);
}
