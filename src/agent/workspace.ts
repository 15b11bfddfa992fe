import { Manifest, SandboxArchiveError, SandboxGitCloneError, SandboxProviderError } from '@openai/agents-core/sandbox';
import { guestPath, relPath } from '../core/paths.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { mintId } from '../shared/ids.ts';
import { tarOf } from './archive.ts';
import { runInside } from './inside.ts';
import type { Placement, PlacedRepository } from './manifestEntries.ts';

/** Most bytes of a workspace archive that is made: it has to fit into one array. */
const mostArchiveBytes = 2 ** 31 - 1;

/**
 * Puts a tar in place under a workspace root through the provider's bulk channel. The provider stages beside the root;
 * where the root is the place that workspaces lie in, nothing can be beside it, so it is staged within and moved.
 */
export async function takeIn(
  sandbox: Sandbox,
  root: string,
  tar: AsyncIterable<Uint8Array>,
  mode: 'replace' | 'merge',
): Promise<void> {
  const { signal } = new AbortController();
  const into = guestPath(root);
  const staged = into === sandbox.workspaceRoot;
  const stage = relPath(`.airlock-in-${mintId('op')}`);
  const target = staged ? guestPath(`${root}/${stage}`) : into;
  const upload = await sandbox.upload(tar, [], { root: target, mode: staged ? 'replace' : mode, signal });
  if (upload.kind !== 'committed') throw new SandboxProviderError(upload.problem.detail, { kind: upload.kind });
  if (staged) await expectSuccess(sandbox, moveScript, [root, stage, mode]);
}

const moveScript = `
cd -- "$1" || exit 1
if [ "$3" = replace ]; then
  for f in * .[!.]* ..?*; do
    if [ "$f" != "$2" ]; then rm -rf -- "$f" || exit 1; fi
  done
  cd -- "$2" || exit 1
  for f in * .[!.]* ..?*; do
    if [ -e "$f" ] || [ -L "$f" ]; then mv -- "$f" .. || exit 1; fi
  done
  cd ..
  rmdir -- "$2"
else
  cp -a -- "$2/." . || exit 1
  rm -rf -- "$2"
fi`;

/** Puts a manifest's entries in place: one stream for all files, then the repositories. */
export async function takeInEntries(sandbox: Sandbox, root: string, placement: Placement): Promise<void> {
  if (placement.files.length > 0) await takeIn(sandbox, root, tarOf(placement.files), 'merge');
  for (const repository of placement.repositories) await clone(sandbox, root, repository);
}

const cloneScript = `
target=$1 url=$2 ref=$3 sub=$4
command -v git >/dev/null || { echo 'there is no git in the sandbox' >&2; exit 1; }
stage=$(mktemp -d) || exit 1
trap 'rm -rf -- "$stage"' EXIT
export GIT_TERMINAL_PROMPT=0
git clone --quiet --no-checkout --filter=blob:none -- "$url" "$stage/r" || exit 1
git -C "$stage/r" checkout --quiet "\${ref:-HEAD}" -- || exit 1
from=$stage/r
if [ -n "$sub" ]; then from=$stage/r/$sub; fi
[ -d "$from" ] || { echo "there is no folder $sub" >&2; exit 1; }
mkdir -p -- "$target" && cp -a -- "$from/." "$target"`;

async function clone(sandbox: Sandbox, root: string, { path, url, ref, subpath }: PlacedRepository): Promise<void> {
  const args = [`${root}/${path}`, url, ref ?? '', subpath ?? ''];
  const answer = await runInside(sandbox, { script: cloneScript, args, maxBytes: 1024 * 1024 });
  if (answer.code !== 0) throw new SandboxGitCloneError(`Cloning ${url} inside failed: ${answer.stderr}`);
}

/**
 * The workspace as a plain tar that is made inside. Ephemeral paths are left out. Fails rather than to return an
 * archive in which something is missing.
 */
export async function tarWorkspace(sandbox: Sandbox, manifest: Manifest): Promise<Uint8Array> {
  const ephemeral = manifest.ephemeralPersistencePaths();
  if (ephemeral.has('') || ephemeral.has('.')) return new Uint8Array(1024);
  const left = [...ephemeral].map((path) => `--exclude=./${path.replace(/[*?[\]\\]/g, '\\$&')}`);
  const script = 'root=$1; shift; exec tar -cf - -C "$root" "$@" .';
  const request = { script, args: [manifest.root, ...left], maxBytes: mostArchiveBytes };
  let answer = await runInside(sandbox, request);
  // Files that change while they are read make tar complain once; a second look is often enough.
  if (answer.code !== 0) answer = await runInside(sandbox, request);
  if (answer.cut) throw new SandboxArchiveError('The workspace is too large for one archive.');
  if (answer.code !== 0) throw new SandboxArchiveError(`The workspace could not be archived: ${answer.stderr}`);
  return answer.stdout;
}

/** Makes the workspace root where it is missing. */
export async function makeRoot(sandbox: Sandbox, root: string): Promise<void> {
  await expectSuccess(sandbox, 'mkdir -p -- "$1"', [root]);
}

async function expectSuccess(sandbox: Sandbox, script: string, args: readonly string[]): Promise<void> {
  const answer = await runInside(sandbox, { script, args, maxBytes: 64 * 1024 });
  if (answer.code !== 0)
    throw new SandboxProviderError(answer.stderr === '' ? 'A program inside failed.' : answer.stderr);
}
