import { readdirSync, readFileSync } from 'node:fs';

/** An emulator that runs. */
export interface Emulator {
  readonly pid: number;
  readonly args: readonly string[];
}

/** The emulators whose files lie below `folder`, told by their own command lines and not by any list. */
export function emulatorsBelow(folder: string): readonly Emulator[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: argumentsOf(name) }))
    .filter(({ args }) => isEmulator(args[0]) && args.some((arg) => arg.includes(`${folder}/`)));
}

function isEmulator(program: string | undefined): boolean {
  return program !== undefined && /(^|\/)qemu-system-[^/]+$/.test(program);
}

function argumentsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    // It ended in between.
    return [];
  }
}
