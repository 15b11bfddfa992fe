import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Empty for a process that has ended meanwhile. */
function told(pid: string, file: 'cmdline' | 'mountinfo'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Programs outside have a folder of ours among their arguments, those inside have it mounted. */
function belongsTo(folder: string, pid: string): boolean {
  return (['cmdline', 'mountinfo'] as const).some((file) => told(pid, file).includes(basename(folder)));
}

/** The command lines of all processes but this one that belong to built-in sandboxes below a folder; none off Linux. */
export function leftRunning(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return ids.filter((pid) => belongsTo(folder, pid)).map((pid) => told(pid, 'cmdline'));
}
