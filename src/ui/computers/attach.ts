import { commands, window } from 'vscode';
import type { Computer, Visit } from '../../core/computers/index.ts';
import { isFree, refuseTaken } from '../../core/computers/free.ts';
import type { Gesture } from '../../core/gesture.ts';
import { fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { slugOf } from '../../core/session/slug.ts';
import { confirmAttach, discardUnstarted } from '../gestures.ts';
import type { OpenFolder } from '../parts.ts';
import { untilDone, valueOf, withCancel } from '../progress.ts';
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
  const visit = await look(services, computer, folder);
  if (visit !== undefined && (await attachVisited(services, { computer, folder, gesture, visit }))) {
    await commands.executeCommand('airlock.changes.focus');
  }
}

async function look({ parts }: Services, computer: Computer, { name }: OpenFolder): Promise<Visit | undefined> {
  const computers = await parts.computers();
  return valueOf(
    await withCancel('Looking into the computer', async (_say, signal) => {
      return await computers.visit(computer, name, signal);
    }),
  );
}

interface Attaching {
  readonly computer: Computer;
  readonly folder: OpenFolder;
  readonly gesture: Gesture;
  readonly visit: Visit;
}

/** A computer that was started for the look and is not attached after all does not run on, paid for. */
async function attachVisited(services: Services, attaching: Attaching): Promise<boolean> {
  const { computer, folder, gesture, visit } = attaching;
  let isAttached = false;
  try {
    const inside = await pickWorkspace(visit, computer, folder);
    if (inside === undefined) return false;
    const session = await createSession(services, computer, folder, inside);
    isAttached = await attached(services, session, computer, gesture);
    return isAttached;
  } finally {
    if (!isAttached) await untilDone('Stopping the computer again', () => visit.leave());
  }
}

/** Which folder inside belongs to the local one; asked only where that is not plain from its name. */
async function pickWorkspace(
  { folders }: Visit,
  { title }: Computer,
  { name }: OpenFolder,
): Promise<string | undefined> {
  const own = slugOf(name);
  if (folders.length === 0 || folders[0] === own) return own;
  const fresh = { label: own, description: 'new and empty' };
  const items = [...folders.map((label) => ({ label, description: 'in the computer' })), fresh];
  const placeHolder = `Which of its folders belongs to “${name}”?`;
  return (await window.showQuickPick(items, { title: `Attach “${title}”`, placeHolder }))?.label;
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
