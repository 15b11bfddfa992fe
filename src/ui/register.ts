import { commands, Disposable } from 'vscode';
import { commandTitles, type CommandId } from './ids.ts';
import type { Log } from './log.ts';
import type { Messages } from './messages.ts';

/** What a command does. Arguments come from trees, keys or other extensions: each is narrowed before it is used. */
export type Act = (...args: readonly unknown[]) => unknown;

/** One function for every command id. */
export type CommandTable = Readonly<Record<CommandId, Act>>;

/** Registers every command behind one guard: a failure is logged and said, cancelling is silent. */
export function registerCommands(table: CommandTable, messages: Messages, log: Log): Disposable {
  const ids = Object.keys(commandTitles) as CommandId[];
  return Disposable.from(...ids.map((id) => commands.registerCommand(id, guarded(id, table[id], messages, log))));
}

function guarded(id: CommandId, act: Act, messages: Messages, log: Log): Act {
  const name = commandTitles[id].replace('…', '');
  return async (...args) => {
    log.debug(`${name} begins.`);
    try {
      await act(...args);
    } catch (error) {
      // Not awaited: whoever ran the command need not wait until the message is answered.
      void messages.failure(name, error);
    }
  };
}
