import type { RelPath } from '../paths.ts';
import type { LocalFolder } from '../storage.ts';
import { linkTarget } from './links.ts';
import { readAhead } from './readAhead.ts';
import { mayCarryLogin, secretContent, secretName } from './secrets.ts';
import type { TarEntry } from './tarStream.ts';
import type { HeldBack, ManifestFile } from './types.ts';

/** Files up to this size are scanned; larger ones are programs and data of packages, and stream. */
const scannedBytes = 1024 * 1024;
/** Settings that may carry a login are scanned up to this size, and stay here where they are larger. */
const scannedSettingsBytes = 16 * 1024 * 1024;
const filesAhead = 16;

/** One file of a dependency folder on its way in; or why it stays. */
export type Copied =
  { readonly kind: 'sent'; readonly entry: TarEntry } | { readonly kind: 'left'; readonly left: HeldBack };

/**
 * The files of one dependency folder: private copies on this machine, outside ancestor and review, so they are neither
 * stored nor hashed. What looks like a secret stays, as do links that lead elsewhere.
 */
export function copiesOf(path: RelPath, folder: LocalFolder, signal: AbortSignal): AsyncGenerator<Copied> {
  return readAhead(folder.walk(path, signal), filesAhead, (file) => copyOf(file, folder));
}

/** Why a file of a dependency folder stays here, as far as its name and kind tell. */
export function heldFromCopy({ path, size, link, dir }: ManifestFile): HeldBack | undefined {
  if (dir === true) return undefined;
  if (link !== undefined) return mayLead(path, link) ? undefined : { path, rule: 'link-outside' };
  const secret = secretName(path);
  return secret === undefined ? undefined : { path, rule: 'secret-name', secret, size };
}

async function copyOf(file: ManifestFile, folder: LocalFolder): Promise<Copied> {
  const { path, exec, size } = file;
  const left = heldFromCopy(file);
  if (left !== undefined) return { kind: 'left', left };
  if (file.dir === true) return { kind: 'sent', entry: { kind: 'dir', path } };
  if (file.link !== undefined) return { kind: 'sent', entry: { kind: 'link', path, target: file.link } };
  const isSettings = mayCarryLogin(path);
  if (isSettings && size > scannedSettingsBytes) return { kind: 'left', left: { path, rule: 'too-large', size } };
  if (size > scannedBytes && !isSettings) {
    return { kind: 'sent', entry: { kind: 'stream', path, exec, size, bytes: exactly(folder.read(path), size) } };
  }
  const bytes = await wholeOf(folder, path, size + scannedBytes).catch(() => undefined);
  if (bytes === undefined) return { kind: 'left', left: { path, rule: 'unreadable', size } };
  const secret = secretContent(path, bytes);
  if (secret !== undefined) return { kind: 'left', left: { path, rule: 'secret-content', secret, size } };
  return { kind: 'sent', entry: { kind: 'file', path, exec, bytes } };
}

const systemFolder = /^\/(?:usr|bin|sbin|lib(?:32|64|x32)?|opt|nix\/store)\//;
const interpreter = /\/(?:python|pypy)[\d.]*$/;

/**
 * Links within the project may go in, and absolute ones to the system, which is there inside as well. A virtual
 * environment names its interpreter wherever that lies: it is found there where its tool chain was agreed to.
 */
function mayLead(path: string, target: string): boolean {
  if (linkTarget(path, target) !== undefined) return true;
  if (!target.startsWith('/') || target.split('/').includes('..')) return false;
  return systemFolder.test(target) || (interpreter.test(path) && interpreter.test(target));
}

async function wholeOf(folder: LocalFolder, path: RelPath, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of folder.read(path)) {
    parts.push(piece);
    size += piece.length;
    if (size > maxBytes) throw new Error('It grew while it was read.');
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/** Cut or padded to the size that was listed, so that a change meanwhile cannot break the archive. */
async function* exactly(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let missing = size;
  for await (const piece of source) {
    if (missing === 0) break;
    const fitting = piece.subarray(0, missing);
    missing -= fitting.length;
    yield fitting;
  }
  while (missing > 0) {
    const padding = new Uint8Array(Math.min(missing, 64 * 1024));
    missing -= padding.length;
    yield padding;
  }
}
