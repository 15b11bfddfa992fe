import { createHash } from 'node:crypto';
import { parseRelPath, type RelPath } from '../paths.ts';
import type { Capabilities } from '../sandbox.ts';
import type { FolderScan } from '../storage.ts';
import { secretName, secretRulesVersion } from './secrets.ts';
import { byPath } from './tree.ts';
import type { HeldBack, HoldRule, ManifestFile, UploadManifest } from './types.ts';

/** Raised when a rule of this page changes. */
const manifestRulesVersion = 1;

/** Rules that a person may overrule for a single file. The others hold back what cannot or must never cross. */
const overruled: ReadonlySet<HoldRule> = new Set([
  'secret-name',
  'secret-content',
  'ignored',
  'airlockignore',
  'too-large',
]);

/** True where dependency folders go in as private copies: their programs run inside and no byte leaves this machine. */
export function takesDependencies(caps: Pick<Capabilities, 'isolation' | 'samePlatform'>): boolean {
  return caps.isolation === 'process' && caps.samePlatform;
}

/**
 * What would cross into the sandbox: all that was scanned but for names that look like secrets, plus the held-back
 * files that the person chose (`included`). Paths in canonical order.
 */
export function buildManifest(scan: FolderScan, included: ReadonlySet<RelPath>): UploadManifest {
  const files: ManifestFile[] = [];
  const held: HeldBack[] = [];
  for (const file of scan.files) {
    const secret = file.dir === true ? undefined : secretName(file.path);
    if (secret === undefined || included.has(file.path)) files.push(file);
    else held.push({ path: file.path, rule: 'secret-name', secret, size: file.size, exec: file.exec });
  }
  for (const item of scan.held) {
    const path = chosenPath(item, included);
    if (path === undefined) held.push(named(item));
    else files.push({ path, size: item.size ?? 0, exec: item.exec ?? false });
  }
  files.sort((a, b) => byPath(a.path, b.path));
  const chosen = [...included].sort(byPath);
  const rulesId = rulesOf(scan);
  return {
    files,
    held: held.sort((a, b) => byPath(a.path, b.path)),
    dependencies: scan.dependencies,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    included: chosen,
    rulesId,
    subject: digest({ rulesId, chosen }),
  };
}

/** The same manifest for fewer files: what a later turn sends of it. Dependencies went in at the start. */
export function restrictManifest(manifest: UploadManifest, paths: ReadonlySet<RelPath>): UploadManifest {
  const files = manifest.files.filter(({ path }) => paths.has(path));
  return { ...manifest, files, dependencies: [], bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** The same manifest without files that were found to hold a secret, unless they were chosen. */
export function withHeld(manifest: UploadManifest, found: readonly HeldBack[]): UploadManifest {
  const chosen = new Set<string>(manifest.included);
  const byPathFound = new Map(found.map((item) => [item.path, item]));
  const isHeld = ({ path }: ManifestFile) => byPathFound.has(path) && !chosen.has(path);
  const gone = new Set(manifest.files.filter(isHeld).map(({ path }): string => path));
  if (gone.size === 0) return manifest;
  const files = manifest.files.filter(({ path }) => !gone.has(path));
  const held = [...manifest.held, ...found.filter(({ path }) => gone.has(path))];
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { ...manifest, files, held: held.sort((a, b) => byPath(a.path, b.path)), bytes };
}

/** A file that is held back for being ignored or large may look like a secret besides, and is said to. */
function named(item: HeldBack): HeldBack {
  const secret = item.secret ?? (item.path.endsWith('/') ? undefined : secretName(item.path));
  return secret === undefined ? item : { ...item, secret };
}

/** Whether a person may choose to send what is held back: a single file, by a rule that is about wishes. */
export function maySend({ rule, exec }: HeldBack): boolean {
  return overruled.has(rule) && exec !== undefined;
}

function chosenPath(item: HeldBack, included: ReadonlySet<RelPath>): RelPath | undefined {
  if (!maySend(item)) return undefined;
  const parsed = parseRelPath(item.path);
  return parsed.ok && included.has(parsed.path) ? parsed.path : undefined;
}

function rulesOf({ source }: FolderScan): string {
  return digest({ manifestRulesVersion, secretRulesVersion, source });
}

function digest(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
