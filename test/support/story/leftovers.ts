import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of sandboxes of the built-in kind on this machine: keepers, bubblewraps and supervisors. Linux only. */
export function sandboxProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => /(^|\/)(bwrap\0|keeper[^\0]*\.cjs\0)|\/run\/airlock\//.test(commandLine(pid)))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
