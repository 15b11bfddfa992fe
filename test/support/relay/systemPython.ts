import { spawnSync } from 'node:child_process';
import { languages } from '../../../src/sandbox/relay/inside/languages.ts';

/** Why our program cannot run in Python in sandboxes that show the system's own programs, or undefined where it can. */
export function lacksPython(): string | undefined {
  const isThere = languages.find(({ name }) => name === 'python')?.isThere ?? 'false';
  const there = spawnSync('sh', ['-c', isThere], { env: { PATH: '/usr/bin:/bin' } }).status === 0;
  return there ? undefined : 'the system has no Python 3.8';
}
