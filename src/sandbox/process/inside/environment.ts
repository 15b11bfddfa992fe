import { existsSync } from 'node:fs';

/** Ours alone: commands inside must not take themselves for the supervisor's runtime. */
const withheld = ['ELECTRON_RUN_AS_NODE', 'AIRLOCK_OP'];

let added: Readonly<Record<string, string>> = {};

/** Sets what commands and terminals that start from now on see besides. */
export function addToEnvironment(variables: Readonly<Record<string, string>>): void {
  added = variables;
}

/** What every command starts with; the sandbox itself was given nothing of the host. */
export function baseEnvironment(): Record<string, string> {
  const base: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !withheld.includes(name)) base[name] = value;
  }
  return { ...base, ...added };
}

/** The shell that commands and terminals get. */
export const shell = ['/bin/bash', '/usr/bin/bash'].find((path) => existsSync(path)) ?? '/bin/sh';

/** The arguments that run `script` in the shell. */
export function shellFor(script: string, login: boolean): readonly string[] {
  return [shell, login ? '-lc' : '-c', script];
}
