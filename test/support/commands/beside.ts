import { spawn } from 'node:child_process';
import { repository } from './places.mjs';

/** Runs a Node program of the repository and answers with its exit code. */
export type RunNode = (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<number>;

/** Runs a Node program with its output shown as it comes. */
export const node: RunNode = (args, env) => run(args, env);

/**
 * Runs two that share nothing at the same time. What programs of the second print is shown once the first has come to
 * its end, so that a log reads as if one had followed the other.
 */
export async function besideEachOther<T>(
  first: (node: RunNode) => Promise<T>,
  second: (node: RunNode) => Promise<T>,
): Promise<readonly [T, T]> {
  let held: Buffer[] | undefined = [];
  const show = (bytes: Buffer): void => {
    if (held === undefined) process.stdout.write(bytes);
    else held.push(bytes);
  };
  const release = (): void => {
    for (const bytes of held ?? []) process.stdout.write(bytes);
    held = undefined;
  };
  const later = second((args, env) => run(args, env, show));
  const sooner = await first(node).finally(release);
  return [sooner, await later];
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  show?: (bytes: Buffer) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const output = show === undefined ? 'inherit' : 'pipe';
    const child = spawn(process.execPath, [...args], { cwd: repository, env, stdio: ['inherit', output, output] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => show?.(bytes));
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
