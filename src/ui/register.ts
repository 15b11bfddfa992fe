import { commands, Disposable } from 'vscode';
import { commandTitles, type CommandId } from './ids.ts';
import type { Log } from './log.ts';
import type { Messages } from './messages.ts';
import { runAction } from './commands/providerActions.ts';
import type { Services } from './services.ts';

/** What a command does. Arguments come from trees, keys or other extensions: each is narrowed before it is used. */
export type Act = (...args: readonly unknown[]) => unknown;

/** One function for every command id. */
export type CommandTable = Readonly<Record<CommandId, Act>>;

/** Registers every command behind one guard: a failure is logged and said, cancelling is silent. */
export function registerCommands(table: CommandTable, messages: Messages, log: Log): Disposable {
  const ids = Object.keys(commandTitles) as CommandId[];
  const all = ids.map((id) => commands.registerCommand(id, guarded(commandTitles[id], table[id], messages, log)));
  return Disposable.from(...all);
}

/** Registers the commands that are actions of one kind of sandbox each, behind the same guard. */
export function registerActions(services: Services, messages: Messages): Disposable {
  const all = services.parts.actionCommands.map((command) => {
    const act = () => runAction(services, command);
    return commands.registerCommand(command.id, guarded(command.title, act, messages, services.log));
  });
  return Disposable.from(...all);
}

function guarded(title: string, act: Act, messages: Messages, log: Log): Act {
  const name = title.replace('…', '');
  return async (...args) => {
    log.debug(`${name} begins.`);
    await messages.guard(name, () => act(...args));
  };
}
