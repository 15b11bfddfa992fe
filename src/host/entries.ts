import { type BigIntStats, constants } from 'node:fs';
import { access, readlink, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseRelPath, type RelPath } from '../core/paths.ts';
import { isUnderGit } from '../core/gitNames.ts';
import { linkTarget } from '../core/sync/links.ts';
import type { HeldBack, ManifestFile } from '../core/sync/types.ts';
import { isAbsent } from './diskErrors.ts';
import { type Looks, tagOf } from './looks.ts';

/** What a scan makes of one name: something to send, something held back, a folder to look into, or nothing any more. */
export type Entry =
  | { readonly kind: 'file'; readonly file: ManifestFile }
  | { readonly kind: 'held'; readonly held: HeldBack }
  | { readonly kind: 'folder'; readonly path: RelPath }
  | undefined;

/** A name as it is shown: bytes that are no text become replacement characters. */
export function shownName(name: string | Uint8Array): string {
  return typeof name === 'string' ? name : Buffer.from(name).toString('utf8');
}

/** The parsed path, or why the name stays here. */
export function parseName(name: string | Uint8Array): { path: RelPath } | { held: HeldBack } {
  const parsed = parseRelPath(name);
  // Node answers with this character for bytes that are no text: such a name cannot be opened again.
  if (!parsed.ok || parsed.path.includes('\ufffd'))
    return { held: { path: shownName(name), rule: 'unsupported-name' } };
  return isUnderGit(parsed.path) ? { held: { path: parsed.path, rule: 'git-folder' } } : { path: parsed.path };
}

/** Looks at what stands at a path whose folders are real ones. Never follows a link, opens nothing. */
export async function examine(root: string, path: RelPath, maxFileBytes: number, looks: Looks): Promise<Entry> {
  const full = join(root, path);
  let stat: BigIntStats;
  try {
    stat = await looks.at(full);
  } catch (error) {
    return isAbsent(error) ? undefined : { kind: 'held', held: { path, rule: 'unreadable' } };
  }
  if (stat.isDirectory()) return { kind: 'folder', path };
  if (stat.isSymbolicLink()) return await examineLink(root, path, tagOf(stat));
  const size = Number(stat.size);
  const mode = Number(stat.mode);
  const exec = (mode & 0o100) !== 0;
  if (!stat.isFile()) return { kind: 'held', held: { path, rule: 'special-file' } };
  if (size > maxFileBytes) return { kind: 'held', held: { path, rule: 'too-large', size, exec } };
  if (!(await isReadable(full, mode))) return { kind: 'held', held: { path, rule: 'unreadable', size } };
  return { kind: 'file', file: { path, size, exec, tag: tagOf(stat) } };
}

async function examineLink(root: string, path: RelPath, tag: string): Promise<Entry> {
  try {
    const target = await readlink(join(root, path));
    const stays = await staysInside(root, path, target);
    if (!stays) return { kind: 'held', held: { path, rule: 'link-outside' } };
    return { kind: 'file', file: { path, size: 0, exec: false, link: target, tag } };
  } catch (error) {
    return isAbsent(error) ? undefined : { kind: 'held', held: { path, rule: 'unreadable' } };
  }
}

/**
 * True when a link points below the root both as it is written and as this machine resolves it. An absolute target is
 * never inside: the folder lies elsewhere in a sandbox.
 */
async function staysInside(root: string, path: string, target: string): Promise<boolean> {
  if (!staysInsideAsWritten(path, target)) return false;
  try {
    const real = await realpath(join(root, path));
    return real === root || real.startsWith(root + sep);
  } catch (error) {
    // A link that dangles is judged as it is written.
    return isAbsent(error);
  }
}

/** True when a link's text is relative and leads below the root or to it. */
export function staysInsideAsWritten(path: string, target: string): boolean {
  return !/[\0\\\ufffd]/.test(target) && linkTarget(path, target) !== undefined;
}

/** Asks the system only where the mode does not say it: most files are readable by all. */
async function isReadable(full: string, mode: number): Promise<boolean> {
  if ((mode & 0o444) === 0o444) return true;
  return await access(full, constants.R_OK).then(
    () => true,
    () => false,
  );
}
