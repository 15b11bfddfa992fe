import { opendir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelPath } from '../core/paths.ts';
import type { ApplyResult, Side } from '../core/sync/types.ts';
import type { Act, JournalStep } from './journal.ts';

// What an act has to mind where a file or link takes the place of a folder, or a folder that of a file.

type Sides = Pick<JournalStep, 'before' | 'write'>;

function isFolder(side: Side): boolean {
  return typeof side === 'object' && side.t === 'dir';
}

/** True where the step puts a file or link in the place of a folder. */
function replacesFolder({ before, write }: Sides): boolean {
  return isFolder(before) && write !== 'absent' && !isFolder(write);
}

/** True for a step between whose two halves nothing stands at its path: no system exchanges a folder for a file at once. */
export function hasGap({ before, write }: Sides): boolean {
  return before !== 'absent' && write !== 'absent' && isFolder(before) !== isFolder(write);
}

/** True where the folder that stands at the path of a deletion was made for what the same act wrote below it. */
export function isOnTheWay(act: Act, { path, write }: JournalStep, now: Side): boolean {
  if (write !== 'absent' || !isFolder(now)) return false;
  return act.steps.some(
    (step, index) => step.write !== 'absent' && step.path.startsWith(`${path}/`) && !act.skipped.has(index),
  );
}

/**
 * Passes over the replacement of a folder that holds more than the other steps remove, and all that belongs to it: half
 * of it would only take the folder apart.
 */
export async function withoutFullFolders(
  root: string,
  steps: readonly JournalStep[],
): Promise<{ steps: readonly JournalStep[]; skipped: ApplyResult['skipped'] }> {
  const leaving = new Set<string>(steps.filter(({ write }) => write === 'absent').map(({ path }) => path));
  const skipped = new Map<RelPath, string>();
  for (const step of steps.filter(replacesFolder)) {
    const { path } = step;
    const other = await fileIn(root, path, leaving).catch(() => 'what cannot be read');
    if (other === undefined) continue;
    const below = steps.filter((one) => one.path.startsWith(`${path}/`));
    for (const one of below) skipped.set(one.path, `It belongs to the folder ${path}, which was left as it is.`);
    skipped.set(path, `The folder there also holds ${other}, so it was left as it is.`);
  }
  return {
    steps: steps.filter(({ path }) => !skipped.has(path)),
    skipped: [...skipped].map(([path, why]) => ({ path, why })),
  };
}

/** The first thing in a folder that is no folder itself and not among `leaving`. Follows no link. */
export async function fileIn(
  root: string,
  folder: string,
  leaving: ReadonlySet<string> = new Set(),
): Promise<string | undefined> {
  for await (const entry of await opendir(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    const found = entry.isDirectory() ? await fileIn(root, path, leaving) : path;
    if (found !== undefined && !leaving.has(found)) return found;
  }
  return undefined;
}

/** Removes a folder and the folders in it. Fails where anything else lies in one of them, which stays. */
export async function removeFolders(folder: string): Promise<void> {
  for (const { name } of await readdir(folder, { withFileTypes: true })) await removeFolders(join(folder, name));
  await rmdir(folder);
}
