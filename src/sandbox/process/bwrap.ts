import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../core/machine.ts';
import { fail, problem, type Problem } from '../../core/problem.ts';

/** Folders that only the system's owner writes to. */
const systemFolders = [
  '/usr/bin',
  '/bin',
  '/usr/local/bin',
  '/usr/sbin',
  '/sbin',
  '/run/current-system/sw/bin',
  '/run/wrappers/bin',
];
const setuidBit = 0o4000;
/** Long enough for a slow machine: without the answer it would be started with fewer walls. */
const helpWithinMs = 20_000;

/** Finds bubblewrap in the system's folders. A setuid one is refused: its authors have given that mode up. */
export async function findBwrap(
  folders: readonly string[] = systemFolders,
): Promise<{ ok: true; program: string } | { ok: false; problem: Problem }> {
  for (const folder of folders) {
    const program = join(folder, 'bwrap');
    const found = await stat(program).catch(() => undefined);
    if (found?.isFile() !== true || (found.mode & 0o111) === 0) continue;
    return (found.mode & setuidBit) === 0 ? { ok: true, program } : { ok: false, problem: setuid(program) };
  }
  return { ok: false, problem: missing() };
}

/** Options that an installed bubblewrap knows. Throws `sandbox-start-failed` where it does not tell. */
export async function bwrapFeatures(machine: Machine, program: string): Promise<ReadonlySet<string>> {
  const ran = await machine.run({ program, args: ['--help'], cleanEnv: true, timeoutMs: helpWithinMs });
  if (ran.code !== 0) fail('sandbox-start-failed', 'The installed bubblewrap did not tell which options it knows.');
  const text = Buffer.from(ran.stdout).toString() + Buffer.from(ran.stderr).toString();
  return new Set(text.match(/^ {2,}(--[a-z-]+)/gm)?.map((option) => option.trim()));
}

function setuid(program: string): Problem {
  return problem('sandbox-unavailable', 'The bubblewrap of this system is installed setuid, which is not safe.', {
    fix: 'show-command',
    fixCommand: `sudo chmod u-s ${program}`,
  });
}

function missing(): Problem {
  return problem('sandbox-unavailable', 'Airlock needs bubblewrap.', {
    fix: 'show-command',
    fixCommand: 'sudo apt install bubblewrap',
  });
}
