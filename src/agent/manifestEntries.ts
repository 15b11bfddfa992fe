import {
  type Entry,
  normalizeRelativePath,
  permissionsForSandboxEntry,
  SandboxGitCloneError,
  SandboxInvalidManifestPathError,
  SandboxUnsupportedFeatureError,
} from '@openai/agents-core/sandbox';
import type { LocalSources } from './localSources.ts';

/** One member of the archive that brings entries in. */
export interface PlacedFile {
  /** Relative to the workspace root. */
  readonly path: string;
  readonly kind: 'file' | 'dir';
  /** Permission bits. */
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** A repository that is cloned inside. */
export interface PlacedRepository {
  readonly path: string;
  readonly url: string;
  readonly ref: string | undefined;
  readonly subpath: string | undefined;
}

export interface Placement {
  readonly files: readonly PlacedFile[];
  readonly repositories: readonly PlacedRepository[];
}

const noBytes = new Uint8Array(0);
const defaultGitHost = 'github.com';

/**
 * Turns manifest entries into what has to be put in place: files and folders (parents before what lies in them) and
 * repositories to clone. Throws the SDK's errors for entries that Airlock does not do.
 */
export async function placeEntries(
  entries: Readonly<Record<string, Entry>>,
  local: LocalSources | undefined,
): Promise<Placement> {
  const files: PlacedFile[] = [];
  const repositories: PlacedRepository[] = [];
  const place = async (rawPath: string, entry: Entry): Promise<void> => {
    const path = normalizeRelativePath(rawPath);
    switch (entry.type) {
      case 'dir':
        files.push({ path, kind: 'dir', mode: modeOf(entry, 0o755), bytes: noBytes });
        for (const [name, child] of Object.entries(entry.children ?? {})) await place(`${path}/${name}`, child);
        return;
      case 'file':
        files.push({ path, kind: 'file', mode: modeOf(entry, 0o644), bytes: Buffer.from(entry.content) });
        return;
      case 'local_file':
      case 'local_dir':
        for await (const file of localFiles(path, entry, local)) files.push(file);
        return;
      case 'git_repo':
        repositories.push({ path, url: repositoryUrl(entry), ref: entry.ref, subpath: subpathOf(entry.subpath) });
        return;
      default:
        throw new SandboxUnsupportedFeatureError(`Airlock sandboxes do not support ${entry.type} entries.`);
    }
  };
  for (const [path, entry] of Object.entries(entries)) await place(path, entry);
  return { files, repositories };
}

function modeOf(entry: Entry, otherwise: number): number {
  return entry.permissions === undefined ? otherwise : permissionsForSandboxEntry(entry.permissions).toMode() & 0o777;
}

async function* localFiles(
  path: string,
  entry: Extract<Entry, { type: 'local_file' | 'local_dir' }>,
  local: LocalSources | undefined,
): AsyncGenerator<PlacedFile> {
  if (local === undefined) {
    throw new SandboxUnsupportedFeatureError('This session cannot bring in files of this machine by its manifest.');
  }
  if (entry.type === 'local_dir') yield { path, kind: 'dir', mode: modeOf(entry, 0o755), bytes: noBytes };
  for await (const item of local(entry.src, entry.type === 'local_dir' ? 'dir' : 'file')) {
    const plain = item.kind === 'dir' || item.executable ? 0o755 : 0o644;
    const mode = item.path === '' ? modeOf(entry, plain) : plain;
    yield { path: item.path === '' ? path : `${path}/${item.path}`, kind: item.kind, mode, bytes: item.bytes };
  }
}

function repositoryUrl({ host = defaultGitHost, repo }: Extract<Entry, { type: 'git_repo' }>): string {
  if (repo.startsWith('-') || host.startsWith('-')) throw new SandboxGitCloneError(`Not a repository: ${repo}`);
  return /^(?:https?|ssh|git|file):\/\//.test(repo) ? repo : `https://${host}/${repo.replace(/\.git$/, '')}.git`;
}

function subpathOf(subpath: string | undefined): string | undefined {
  if (subpath === undefined) return undefined;
  const path = normalizeRelativePath(subpath);
  if (path === '') throw new SandboxInvalidManifestPathError('A repository subpath must not be empty.');
  return path;
}
