import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path';
import type { Machine, Ran } from '../core/machine.ts';
import { environmentVariable } from './environment.ts';
import { pacer } from './pacer.ts';

const maxOutputBytes = 256 * 1024 * 1024;
/** The mode of a submodule in git's index. */
const gitlink = '160000';

const noHooks = '/dev/null';

/**
 * A repository's configuration is the work of whoever made the folder. Nothing in it may start a program: no monitor,
 * no hook, no fetch of missing objects, no bare repository found by accident.
 */
const harmless = [
  'core.fsmonitor=false',
  `core.hooksPath=${noHooks}`,
  'core.untrackedCache=false',
  'core.sshCommand=false',
  'core.gitProxy=none',
  'credential.helper=',
  'protocol.allow=never',
  'safe.bareRepository=explicit',
  'submodule.recurse=false',
];

type Name = string | Uint8Array;

/** What git says of a folder. Names are raw where they are not valid UTF-8. */
export interface GitListing {
  /** Files of the index. */
  readonly tracked: readonly Name[];
  /** Files that are neither tracked nor ignored. */
  readonly untracked: readonly Name[];
  /** Ignored files and folders, folders with `/` at the end and without their content. */
  readonly ignored: readonly Name[];
  /** Submodules and repositories inside the folder. */
  readonly repositories: readonly Name[];
}

/** Asks git about `folder`; undefined where there is no git, no repository, or git refuses. */
export async function listWithGit(
  machine: Machine,
  folder: string,
  signal: AbortSignal,
): Promise<GitListing | undefined> {
  const git = await gitIn(machine, folder, signal);
  if (git === undefined) return undefined;
  const [tracked, others, ignored] = await Promise.all([
    git(['ls-files', '-z', '--cached', '--stage']),
    git(['ls-files', '-z', '--others', '--exclude-standard']),
    git(['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory']),
  ]);
  if (![tracked, others, ignored].every(succeeded)) return undefined;
  const repositories: Name[] = [];
  // A path in conflict has several stages in the index, hence the set.
  const inIndex = new Set<Name>();
  await eachName(tracked.stdout, (line) => {
    const { mode, name } = parseStaged(line);
    if (mode === gitlink) repositories.push(name);
    else inIndex.add(name);
  });
  const untracked: Name[] = [];
  await eachName(others.stdout, (name) => {
    const isRepository = typeof name === 'string' && name.endsWith('/');
    (isRepository ? repositories : untracked).push(name);
  });
  const left: Name[] = [];
  await eachName(ignored.stdout, (name) => left.push(name));
  return { tracked: [...inIndex], untracked, ignored: left, repositories };
}

/** Which paths git ignores; undefined where git cannot tell. */
export async function ignoredByGit(
  machine: Machine,
  folder: string,
  paths: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  if (paths.length === 0) return new Set();
  const git = await gitIn(machine, folder, new AbortController().signal);
  const ran = await git?.(['check-ignore', '-z', '--stdin'], Buffer.from(paths.map((path) => `${path}\0`).join('')));
  // 1: none of them is ignored.
  if (ran === undefined || !(succeeded(ran) || (ran.code === 1 && ran.endedBy === undefined))) return undefined;
  const named = new Set<string>();
  await eachName(ran.stdout, (name) => {
    if (typeof name === 'string') named.add(name);
  });
  return named;
}

/**
 * Folders that git takes hooks from: those of `core.hooksPath`, wherever it is set, else that of the repository. As they
 * are written; empty where there is no git or no repository.
 */
export async function hookFolders(machine: Machine, folder: string): Promise<readonly string[]> {
  const git = await gitIn(machine, folder, new AbortController().signal);
  if (git === undefined) return [];
  const [places, set] = await Promise.all([
    git(['rev-parse', '--show-toplevel', '--git-common-dir']),
    git(['config', '-z', '--type=path', '--get-all', 'core.hooksPath']),
  ]);
  if (!succeeded(places)) return [];
  const [top = '', common = ''] = Buffer.from(places.stdout).toString().split('\n');
  const found = [resolve(folder, common, 'hooks')];
  await eachName(set.stdout, (name) => {
    // Ours, on the command line, is among them.
    if (typeof name === 'string' && name !== noHooks) found.push(resolve(top, name));
  });
  return found;
}

type Git = (args: readonly string[], stdin?: Uint8Array) => Promise<Ran>;

/** Git on a folder of a work tree; undefined where an outer repository ignores the whole folder. */
async function gitIn(machine: Machine, folder: string, signal: AbortSignal): Promise<Git | undefined> {
  const program = await machine.find('git');
  if (program === undefined) return undefined;
  const config = harmless.flatMap((setting) => ['-c', setting]);
  const git: Git = (args, stdin = new Uint8Array()) =>
    machine.run({
      program,
      args: ['--no-pager', '--no-optional-locks', ...config, ...args],
      cwd: folder,
      cleanEnv: true,
      env: gitEnvironment(),
      stdin,
      signal,
      maxOutputBytes,
    });
  const inside = await git(['rev-parse', '--is-inside-work-tree', '--show-prefix']);
  const [isInside, prefix = ''] = Buffer.from(inside.stdout).toString().split('\n');
  if (!succeeded(inside) || isInside !== 'true') return undefined;
  if (prefix !== '' && succeeded(await git(['check-ignore', '--quiet', '.']))) return undefined;
  return git;
}

/** The person's own settings count (their ignore file, for one); variables that steer git do not get through. */
function gitEnvironment(): Record<string, string> {
  const env: Record<string, string> = {
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
  for (const name of ['HOME', 'XDG_CONFIG_HOME']) {
    const value = environmentVariable(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function succeeded(ran: Ran): boolean {
  return ran.code === 0 && ran.endedBy === undefined;
}

/** Calls `take` with each NUL-ended name, and gives way to other work in between. */
async function eachName(bytes: Uint8Array, take: (name: Name) => void): Promise<void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const breathe = pacer();
  let count = 0;
  for (let start = 0, end = buffer.indexOf(0); end >= 0; start = end + 1, end = buffer.indexOf(0, start)) {
    const name = buffer.subarray(start, end);
    take(isUtf8(name) ? name.toString('utf8') : name);
    count += 1;
    if (count % 256 === 0) await breathe();
  }
}

/** Reads `<mode> <object> <stage>\t<name>`. */
function parseStaged(line: Name): { mode: string; name: Name } {
  const bytes = typeof line === 'string' ? undefined : Buffer.from(line);
  const head = bytes?.toString('latin1') ?? (line as string);
  const cut = head.indexOf('\t') + 1;
  return { mode: head.slice(0, 6), name: bytes?.subarray(cut) ?? head.slice(cut) };
}
