import { ThemeIcon, window, type QuickInputButton, type QuickPickItem } from 'vscode';
import { problemOf } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { Snapshot } from '../../core/snapshots.ts';
import { askModally } from '../dialogs.ts';
import { confirmGoBack } from '../gestures.ts';
import { showInformation } from '../notify.ts';
import { stepText, untilDone, valueOf, withCancel } from '../progress.ts';
import type { Services } from '../services.ts';
import { aboutSession } from '../sessions/pick.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { goBackQuestion, removeQuestion, snapshotWords } from './texts.ts';

const hasSnapshots = ({ snapshots }: SessionSummary) => snapshots === true;
const removing: QuickInputButton = { iconPath: new ThemeIcon('trash'), tooltip: 'Delete Snapshot' };

interface SnapshotItem extends QuickPickItem {
  readonly snapshot: Snapshot;
}

/** Keeps the files inside as they are now. */
export async function takeSnapshot(services: Services, arg: unknown): Promise<void> {
  const session = await aboutSession(services, arg, 'Take Snapshot of Sandbox', hasSnapshots);
  if (session === undefined) return;
  await untilDone('Taking a snapshot; the sandbox stands still meanwhile', () => session.snapshots.take());
}

/** Puts the files of a snapshot in the place of all that is inside, once the person agreed. */
export async function goBackToSnapshot(services: Services, arg: unknown): Promise<void> {
  const session = await aboutSession(services, arg, 'Go Back to Snapshot', hasSnapshots);
  if (session === undefined) return;
  const to = await pickSnapshot(session);
  if (to === undefined) return;
  const gesture = await confirmGoBack(session.id, to, goBackQuestion(session.summary(), to, Date.now()));
  if (gesture === undefined) return;
  const work = async (say: (step: string) => void, signal: AbortSignal) =>
    await session.snapshots.goBack(to, gesture, (step) => say(stepText(step)), signal);
  valueOf(await withCancel('Going back to a snapshot', work));
}

/** One of the list, in which snapshots can be deleted, too. */
async function pickSnapshot(session: Session): Promise<Snapshot | undefined> {
  const list = await withCancel('Looking for snapshots', (_say, signal) => session.snapshots.list(signal));
  const snapshots = valueOf(list);
  if (snapshots === undefined) return undefined;
  if (snapshots.length === 0) {
    void showInformation('There is no snapshot of this sandbox yet. “Take Snapshot of Sandbox” makes one.');
    return undefined;
  }
  return await picked(session, snapshots);
}

function picked(session: Session, snapshots: readonly Snapshot[]): Promise<Snapshot | undefined> {
  const pick = window.createQuickPick<SnapshotItem>();
  pick.title = 'Go Back to Snapshot';
  // The question before a deletion must not close the list.
  pick.ignoreFocusOut = true;
  pick.items = snapshots.map((snapshot) => ({ ...snapshotWords(snapshot, Date.now()), snapshot, buttons: [removing] }));
  return new Promise((resolve) => {
    pick.onDidTriggerItemButton(({ item }) => void remove(pick, session, item));
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.snapshot);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

async function remove(
  pick: { items: readonly SnapshotItem[]; busy: boolean; placeholder: string | undefined },
  session: Session,
  item: SnapshotItem,
): Promise<void> {
  const yes = 'Delete Snapshot';
  if ((await askModally(removeQuestion(item.snapshot, Date.now()), yes)) !== yes) return;
  pick.busy = true;
  try {
    await session.snapshots.remove(item.snapshot);
    pick.items = pick.items.filter((one) => one.snapshot.id !== item.snapshot.id);
  } catch (error) {
    pick.placeholder = problemOf(error, 'service-failed').detail;
  } finally {
    pick.busy = false;
  }
}
