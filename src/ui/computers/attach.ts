import { commands, window } from 'vscode';
import type { Computer } from '../../core/computers/index.ts';
import { isFree, refuseTaken } from '../../core/computers/free.ts';
import type { Gesture } from '../../core/gesture.ts';
import { fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { slugOf } from '../../core/session/slug.ts';
import { confirmAttach, discardUnstarted } from '../gestures.ts';
import type { OpenFolder } from '../parts.ts';
import { valueOf, withCancel } from '../progress.ts';
import type { Services } from '../services.ts';
import { readProviderSettings } from '../settings.ts';
import { pickFolder } from '../start/folders.ts';
import { pickComputer } from './pick.ts';
import { attachQuestion } from './texts.ts';

/**
 * Takes over a computer that no session here works with, for one folder of this window: asks which, says what that means,
 * and shows what differs. Nothing is written into the folder.
 */
export async function attachComputer(services: Services, arg: unknown): Promise<void> {
  const fits = ({ attach, owner }: Computer) => attach !== undefined && isFree(owner);
  const computer = await pickComputer(services, arg, 'Attach Computer', fits);
  if (computer === undefined) return;
  refuseTaken(computer.owner);
  if (computer.attach === undefined) fail('unsupported', 'This computer cannot be attached to.');
  const folder = await pickFolder();
  const gesture = folder && (await confirmAttach(computer, folder.uri, attachQuestion(computer, folder.name)));
  if (folder === undefined || gesture === undefined) return;
  const inside = await pickWorkspace(services, computer, folder);
  if (inside === undefined) return;
  const session = await createSession(services, computer, folder, inside);
  if (await attached(services, session, computer, gesture)) await commands.executeCommand('airlock.changes.focus');
}

/** Which folder inside belongs to the local one; asked only where that is not plain from its name. */
async function pickWorkspace(
  { parts }: Services,
  computer: Computer,
  { name }: OpenFolder,
): Promise<string | undefined> {
  const computers = await parts.computers();
  const look = await withCancel('Looking into the computer', async (_say, signal) => {
    return await computers.workspaces(computer, name, signal);
  });
  const found = valueOf(look);
  const own = slugOf(name);
  if (found === undefined || found.length === 0 || found[0] === own) return found && own;
  const fresh = { label: own, description: 'new and empty' };
  const items = [...found.map((label) => ({ label, description: 'in the computer' })), fresh];
  const placeHolder = `Which of its folders belongs to “${name}”?`;
  return (await window.showQuickPick(items, { title: `Attach “${computer.title}”`, placeHolder }))?.label;
}

async function createSession(
  { parts, setting }: Services,
  { provider, title }: Computer,
  folder: OpenFolder,
  attachTo: string,
): Promise<Session> {
  const sessions = await parts.sessions();
  const settings = readProviderSettings(provider, setting);
  const localFolder = await parts.localFolder(folder);
  return await sessions.create({ provider, folder: localFolder, settings, toolchains: [], title, attachTo });
}

/** A session that came to nothing is taken back; the computer is let go of. */
async function attached(
  { active }: Services,
  session: Session,
  computer: Computer,
  gesture: Gesture,
): Promise<boolean> {
  const shown = active.current;
  await active.show(session);
  const ended = await withCancel('Computer', async (say, signal) => {
    await session.attach(computer, gesture, ({ title }) => say(title), signal);
  });
  if (ended.kind === 'done') return true;
  const discard = discardUnstarted(session);
  if (discard !== undefined) await session.delete(discard);
  await active.show(shown);
  valueOf(ended);
  return false;
}
