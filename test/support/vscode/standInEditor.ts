import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One start of the stand-in, or of its command. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** Something in its environment would have led a real one astray. */
  readonly isLed: boolean;
}

/** How a stand-in behaves: each a shell command. */
export interface Behaviour {
  /** Of the `code` command; without one it does what it is told. */
  readonly command?: string;
  /** Of the window; without one it stays open, and has a process of its own beside it. */
  readonly window?: string;
}

/**
 * Takes the place of a desktop VS Code, of which a machine without a screen can have none: laid out as one, it writes
 * down how it is started.
 */
export async function standInEditor(folder: string, { command = 'exit 0', window = stayOpen }: Behaviour = {}) {
  const calls = `${folder}/calls`;
  const app = `${folder}/Code.app/Contents`;
  const [executable, code] =
    process.platform === 'darwin'
      ? [`${app}/MacOS/Electron`, `${app}/Resources/app/bin/code`]
      : [`${folder}/code`, `${folder}/bin/code`];
  await write(executable, calls, window);
  await write(code, calls, command);
  return { executable, code, calls: (): Call[] => (existsSync(calls) ? readCalls(calls) : []) };
}

/** Makes an editor's executable a mere Node. */
export const leading = 'ELECTRON_RUN_AS_NODE';

const stayOpen = `sh -c 'while :; do sleep 1; done' --new-window & while :; do sleep 1; done`;

async function write(path: string, calls: string, then: string): Promise<void> {
  const note = `printf '%s\\0' "$0" "\${${leading}:+${leading}}" "$@" >> '${calls}'; echo >> '${calls}'`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${note}\n${then}\n`);
  await chmod(path, 0o755);
}

function readCalls(path: string): Call[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [program = '', led = '', ...args] = line.split('\0').slice(0, -1);
    return { program, args, isLed: led !== '' };
  });
}
