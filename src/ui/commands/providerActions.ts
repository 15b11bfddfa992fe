import { commands, window, type QuickPickItem } from 'vscode';
import { fail, type FixAction } from '../../core/problem.ts';
import { valueOf, withCancel } from '../progress.ts';
import type { ActionCommand } from '../parts.ts';
import type { Services } from '../services.ts';

/** Does what a kind of sandbox offers, such as signing in, and looks again what is ready. */
export async function runAction(services: Services, { provider, action }: ActionCommand): Promise<void> {
  const providers = await services.parts.providers();
  const found = providers.find(({ id }) => id === provider)?.actions.find(({ id }) => id === action);
  if (found === undefined) fail('unsupported', 'This kind of sandbox does not offer that.');
  valueOf(
    await withCancel(found.title, async (_say, signal) => {
      await found.run(signal);
      await services.sandboxes.lookAgain(signal);
    }),
  );
}

/** Runs the action that mends a problem, as the command that people know it by. */
export async function runFix(
  { parts }: Services,
  wanted: Pick<FixAction, 'provider' | 'id'> | undefined,
): Promise<void> {
  const command = parts.actionCommands.find(
    ({ provider, action }) => provider === wanted?.provider && action === wanted.id,
  );
  if (command === undefined) fail('unsupported', 'This kind of sandbox does not offer that.');
  await commands.executeCommand(command.id);
}

/** Signs in to the service that wants it; asks which where there are several. */
export async function signIn(services: Services): Promise<void> {
  const items = services.parts.actionCommands
    .filter(({ action }) => action === 'sign-in')
    .map((command): QuickPickItem & { command: ActionCommand } => ({ label: command.title, command }));
  const [only, ...others] = items;
  const picked = others.length === 0 ? only : await window.showQuickPick(items, { title: 'Sign In' });
  if (picked !== undefined) await runAction(services, picked.command);
}
