import { window, type QuickPickItem } from 'vscode';
import { fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { TranscriptItem } from '../../shared/view.ts';
import type { Services } from '../services.ts';
import { openedSession, pickSession } from '../sessions/pick.ts';
import { commandRow } from './commandRow.ts';
import type { Terminals } from './terminals.ts';

type Command = TranscriptItem & { kind: 'command' };

/** Opens a shell in the sandbox of a tree's row, else of the shown session. */
export async function openTerminal(services: Services, terminals: Terminals, row: unknown): Promise<void> {
  const session = await sessionOf(services, row, 'Open Terminal in Sandbox');
  if (session !== undefined) await terminals.open(session);
}

/** Opens a shell beside the terminal that has the focus: in the same sandbox where that is one of ours. */
export async function splitTerminal(services: Services, terminals: Terminals): Promise<void> {
  await terminals.split(terminals.activeSession() ?? services.active.required());
}

/** Shows a running command of the agent in a terminal: the one of that id, else one picked from a list. */
export async function watchCommand(services: Services, terminals: Terminals, row: unknown): Promise<void> {
  const session = await sessionOf(services, row, 'Watch Command of the Agent');
  if (session === undefined) return;
  const command = await pickCommand(runningCommands(session));
  if (command !== undefined) await terminals.watch(session, command.id, command.command);
}

/** Shows the running command of that transcript item. */
export async function watchById(session: Session, terminals: Terminals, id: string): Promise<void> {
  const command = runningCommands(session).find((one) => one.id === id);
  if (command === undefined) fail('not-found', 'This command has ended.');
  await terminals.watch(session, command.id, command.command);
}

function runningCommands(session: Session): readonly Command[] {
  return session
    .transcript()
    .filter((item): item is Command => item.kind === 'command' && ['running', 'background'].includes(item.state));
}

async function pickCommand(commands: readonly Command[]): Promise<Command | undefined> {
  if (commands.length === 0) fail('not-found', 'No command of the agent runs now.');
  if (commands.length === 1) return commands[0];
  const items = commands.map((command): QuickPickItem & { command: Command } => {
    return { ...commandRow(command), command };
  });
  return (await window.showQuickPick(items, { title: 'Watch Command of the Agent' }))?.command;
}

async function sessionOf(services: Services, row: unknown, title: string): Promise<Session | undefined> {
  if (row === undefined) return services.active.required();
  const summary = await pickSession(services, row, title);
  return summary && (await openedSession(services, summary));
}
