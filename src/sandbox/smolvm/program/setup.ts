import type { Machine } from '../../../core/machine.ts';
import type { ProviderAction } from '../../../core/sandbox.ts';
import { titles } from './fixes.ts';
import type { Program } from './program.ts';

/** What is fetched where a person asks for it: the newest of the versions that are known to be alike. */
const wanted = "'celesto>=0.1.10,<0.2'";

/** Opens a terminal of the editor with a command in it. The command is typed, and the person sees it run. */
export type OpenTerminal = (title: string, command: string) => Promise<void>;

/** Setup that a person may ask for. Each opens a terminal with the exact command: nothing is installed out of sight. */
export function setupActions(program: Program, openTerminal: OpenTerminal): readonly ProviderAction[] {
  return [
    {
      id: 'install',
      title: titles.install,
      run: async () => await openTerminal('Install SmolVM', await installCommand(program.ground.machine)),
    },
    {
      id: 'doctor',
      title: titles.doctor,
      run: async (signal) => {
        const { program: path } = await program.found(signal);
        await openTerminal("SmolVM's Doctor", `${quoted(path)} doctor`);
      },
    },
  ];
}

/** The command that installs the program for this user alone, by whichever installer of Python's programs is there. */
export async function installCommand(machine: Pick<Machine, 'find'>): Promise<string> {
  if ((await machine.find('uv')) !== undefined) return `uv tool install ${wanted}`;
  if ((await machine.find('pipx')) !== undefined) return `pipx install ${wanted}`;
  const place = '~/.local/share/celesto';
  return [
    `python3 -m venv ${place}`,
    `${place}/bin/pip install ${wanted}`,
    'mkdir -p ~/.local/bin',
    `ln -sf ${place}/bin/celesto ~/.local/bin/celesto`,
  ].join(' && ');
}

function quoted(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
