import { mintId } from '../../shared/ids.ts';
import { AirlockError } from '../problem.ts';
import type { Sandbox } from '../sandbox.ts';
import { slugOf } from '../session/slug.ts';

const mostBytes = 64 * 1024;
const mostFolders = 100;

/** Folders below the workspace root, no links, as ours are called; NUL-separated. */
const script = `
for folder in */; do
  [ -d "$folder" ] && [ ! -L "\${folder%/}" ] && printf '%s\\0' "\${folder%/}"
done; true
`;

/** Names of the workspace folders of a sandbox; the one that a folder of that name would get comes first. */
export async function workspacesIn(sandbox: Sandbox, name: string, signal: AbortSignal): Promise<readonly string[]> {
  const run = { argv: ['sh', '-c', script] };
  const exec = sandbox.exec({ op: mintId('op'), run, cwd: sandbox.workspaceRoot, signal, onLinkLoss: 'kill' });
  let said = '';
  for await (const { fd, bytes } of exec.output) {
    if (fd === 1 && said.length < mostBytes) said += Buffer.from(bytes).toString('latin1');
  }
  const outcome = await exec.outcome;
  if (outcome.kind === 'not-started' || outcome.kind === 'unknown') throw new AirlockError(outcome.problem);
  const names = said.slice(0, mostBytes).split('\0').filter(isWorkspaceName).slice(0, mostFolders);
  const own = slugOf(name);
  return names.toSorted((a, b) => Number(b === own) - Number(a === own));
}

/** A name that a session's folder can have, as {@link slugOf} makes them. */
function isWorkspaceName(name: string): boolean {
  return name !== '' && slugOf(name) === name;
}
