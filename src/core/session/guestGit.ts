import { Readable } from 'node:stream';
import { mintId } from '../../shared/ids.ts';
import type { GuestPath, RelPath } from '../paths.ts';
import type { Sandbox } from '../sandbox.ts';

/**
 * One base commit in a fresh repository, so that `git diff` and tools that ask git work inside. Dependency folders and
 * the held-back names of the repository itself stay out by its own exclude file. Without git inside there is none.
 */
const script = `
command -v git >/dev/null 2>&1 || exit 0
[ -e .git ] && exit 0
git -c init.defaultBranch=main init -q . || exit 1
while IFS= read -r folder; do printf '/%s/\\n' "$folder"; done >>.git/info/exclude
git config user.name Airlock && git config user.email airlock@localhost &&
git -c core.hooksPath=/dev/null add -A . &&
git -c core.hooksPath=/dev/null -c commit.gpgsign=false commit -q --allow-empty --no-verify -m 'Workspace as it was sent'
`;

/** Makes the inner repository, where git is there; a failure here never stops a session. */
export async function prepareGuestGit(
  sandbox: Sandbox,
  root: GuestPath,
  dependencies: readonly RelPath[],
  signal: AbortSignal,
): Promise<void> {
  const names = dependencies.filter((path) => !path.includes('\n'));
  const exec = sandbox.exec({
    op: mintId('op'),
    run: { argv: ['sh', '-c', script] },
    cwd: root,
    stdin: Readable.from([Buffer.from(names.map((name) => `${name}\n`).join(''))]),
    signal,
    onLinkLoss: 'kill',
  });
  for await (const _chunk of exec.output);
  await exec.outcome;
}
