import type { Brand } from '../shared/ids.ts';

/** A checked path relative to a workspace root: valid UTF-8, `/` separators, no empty, `.` or `..` part. */
export type RelPath = Brand<'rel'>;

/** An absolute POSIX path inside a sandbox. */
export type GuestPath = Brand<'guest'>;

const maxPathBytes = 4096;
const maxPartBytes = 255;

/** Why a path that came from outside was refused. */
export type PathRefusal = 'empty' | 'absolute' | 'dot-part' | 'bad-character' | 'not-utf8' | 'too-long';

/**
 * Parses a workspace-relative path that came from outside. A trailing `/` (as tar writes for folders) is dropped.
 * Refused are NUL, `\` and `:`, since they mean something else on another file system.
 */
export function parseRelPath(raw: string | Uint8Array): { ok: true; path: RelPath } | { ok: false; why: PathRefusal } {
  const text = typeof raw === 'string' ? raw : decodeUtf8(raw);
  if (text === undefined || !text.isWellFormed()) return { ok: false, why: 'not-utf8' };
  const path = text.endsWith('/') ? text.slice(0, -1) : text;
  if (path === '') return { ok: false, why: text === '' ? 'empty' : 'absolute' };
  if (path.startsWith('/')) return { ok: false, why: 'absolute' };
  if (['\0', '\\', ':'].some((character) => path.includes(character))) return { ok: false, why: 'bad-character' };
  if (Buffer.byteLength(path) > maxPathBytes) return { ok: false, why: 'too-long' };
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') return { ok: false, why: 'dot-part' };
    if (Buffer.byteLength(part) > maxPartBytes) return { ok: false, why: 'too-long' };
  }
  return { ok: true, path: path as RelPath };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A workspace-relative path that we wrote ourselves. Throws on anything that {@link parseRelPath} refuses. */
export function relPath(text: string): RelPath {
  const parsed = parseRelPath(text);
  if (!parsed.ok) throw new Error(`Not a workspace path (${parsed.why}): ${JSON.stringify(text)}`);
  return parsed.path;
}

/** An absolute path inside a sandbox. Throws unless it is absolute and has no `.`, `..` or empty part. */
export function guestPath(text: string): GuestPath {
  const parts = text.split('/').slice(1);
  const bad = parts.some(
    (part) => part === '.' || part === '..' || (part === '' && text !== '/') || part.includes('\0'),
  );
  if (!text.startsWith('/') || bad) throw new Error(`Not a guest path: ${JSON.stringify(text)}`);
  return text as GuestPath;
}

/** Joins a checked relative path to a guest folder. */
export function inGuest(root: GuestPath, path: RelPath): GuestPath {
  return `${root}/${path}` as GuestPath;
}

/**
 * The key under which two spellings of a path are one file on some file system: canonical composition, ignorable
 * characters dropped, case folded. Used for collision and protection checks only, never for display.
 */
export function foldKey(path: string): string {
  // Most paths are ASCII, and a listing may hold a hundred thousand of them.
  if (isAscii(path)) return path.toLowerCase();
  return path
    .normalize('NFKC')
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
    .toLowerCase()
    .normalize('NFC');
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** The folder that holds `path`, or undefined at the root. */
export function parentOf(path: RelPath): RelPath | undefined {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? undefined : (path.slice(0, cut) as RelPath);
}
