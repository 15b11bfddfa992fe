import type { RelPath } from '../paths.ts';
import type { Uploaded } from '../sync/upload.ts';

/** What crossed, and what of it would have been held back but for the person's choice. */
export interface Crossed extends Uploaded {
  readonly chosen?: readonly RelPath[];
}

/** The paths that the log names of an upload: what stayed here after all, and what went in by choice. Empty lists are left out. */
export function pathsToTell({ leftOut, chosen = [], sent }: Crossed): { leftOut?: string[]; chosen?: string[] } {
  const left = leftOut.map(({ path }) => path);
  const byChoice = chosen.filter((path) => sent.has(path));
  return { ...(left.length > 0 && { leftOut: left }), ...(byChoice.length > 0 && { chosen: byChoice }) };
}
