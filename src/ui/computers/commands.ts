import { commands } from 'vscode';
import type { Messages } from '../messages.ts';
import type { CommandTable } from '../register.ts';
import type { Services } from '../services.ts';
import { openAccount } from './account.ts';
import { attachComputer } from './attach.ts';
import { deleteComputer } from './delete.ts';
import type { ComputersTree } from './tree.ts';

type ComputerCommand = Extract<keyof CommandTable, `${string}Computer${string}` | 'airlock.openAccount'>;

/** What the commands of the view act on. */
export interface ComputerParts {
  readonly services: Services;
  readonly messages: Messages;
  readonly computers: ComputersTree;
}

/** The commands about computers, by their ids. What they do shows in the list. */
export function computerTable({ services, messages, computers }: ComputerParts): Pick<CommandTable, ComputerCommand> {
  const listedAfter = async (act: () => Promise<void>) => {
    try {
      await act();
    } finally {
      computers.refresh();
    }
  };
  return {
    'airlock.showComputers': async () => {
      computers.refresh();
      await commands.executeCommand('airlock.computers.focus');
    },
    'airlock.refreshComputers': () => computers.refresh(),
    'airlock.mendComputers': (row) => listedAfter(() => computers.mend(row, messages)),
    'airlock.attachComputer': (row) => listedAfter(() => attachComputer(services, row)),
    'airlock.deleteComputer': (row) => listedAfter(() => deleteComputer(services, row)),
    'airlock.openAccount': () => openAccount(services),
  };
}
