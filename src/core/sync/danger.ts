import { foldKey } from '../paths.ts';
import { dangerRules } from './dangerRules.ts';
import type { DangerId, Side } from './types.ts';

/** Why a change would run by itself, with one sentence for people. */
export interface Danger {
  readonly id: DangerId;
  readonly reason: string;
}

const rules = dangerRules.map(({ id, reason, files, folders }) => ({
  danger: { id, reason },
  pattern: pathPattern(files, folders),
}));
const packageManifest = pathPattern('package.json package.json5 package.y*ml');

/** A package.json is judged key by key, see `packageKeys.ts`. */
export function isPackageManifest(path: string): boolean {
  return packageManifest.test(foldedForRules(path));
}

/** What of a path would run by itself once it stood on this machine: one danger of each kind. */
export function pathDangers(path: string): Danger[] {
  const folded = foldedForRules(path);
  const found = new Map<DangerId, Danger>();
  for (const { danger, pattern } of rules)
    if (!found.has(danger.id) && pattern.test(folded)) found.set(danger.id, danger);
  return [...found.values()];
}

/** NTFS drops dots and blanks at the end of a name, and reads up to a colon. */
export function foldedForRules(path: string): string {
  return foldKey(path)
    .split('/')
    .map((part) => part.replace(/:[^]*$/, '').replace(/[. ]+$/, ''))
    .join('/');
}

/** One expression for blank-separated patterns: of whole paths by their end, and of folders by what lies below. */
function pathPattern(files = '', folders = ''): RegExp {
  const any = (patterns: string) => patterns.trim().split(/\s+/).filter(Boolean).map(asExpression);
  const ends = [...any(files).map((file) => `${file}$`), ...any(folders).map((folder) => `${folder}/`)];
  return new RegExp(`(?:^|/)(?:${ends.join('|')})`);
}

function asExpression(pattern: string): string {
  const signs: Readonly<Record<string, string>> = { '*': '[^/]*', '?': '[^/]', '{': '(?:', '}': ')', ',': '|' };
  return pattern.replace(/[^a-z0-9_/-]/g, (sign) => signs[sign] ?? `\\${sign}`);
}

/** A file of ours that becomes a program. A new one is a program that somebody has yet to start. */
export function modeDanger(base: Side, theirs: Side): Danger | undefined {
  if (typeof base === 'string' || typeof theirs === 'string' || base.t !== 'file' || theirs.t !== 'file')
    return undefined;
  if (base.exec || !theirs.exec) return undefined;
  return { id: 'executable-bit', reason: 'A file that was none becomes a program.' };
}
