import { commands } from 'vscode';
import { applyChecked, offerRejected, rejectChanges, undoLastApply } from '../changes/apply.ts';
import { emptySentence } from '../changes/texts.ts';
import type { ChangesTree } from '../changes/tree.ts';
import { computerTable } from '../computers/commands.ts';
import type { ComputersTree } from '../computers/tree.ts';
import { fail, type Problem } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { views } from '../ids.ts';
import { offerCommand, type FixActions, type Messages } from '../messages.ts';
import {
  chooseLocalPort,
  copyPortAddress,
  labelPort,
  openPortOf,
  openPortOutsideOf,
  stopForwarding,
} from '../ports/actions.ts';
import { publishPort, unpublishPort } from '../ports/publish.ts';
import { inView, valueOf, withCancel, type Ended } from '../progress.ts';
import { allowHosts, allowRefused, revokeHost } from '../network/allow.ts';
import type { CommandTable } from '../register.ts';
import { openChange, openReview } from '../review/open.ts';
import type { Services } from '../services.ts';
import { goBackToSnapshot, takeSnapshot } from '../snapshots/commands.ts';
import { pickFolder } from '../start/folders.ts';
import { startSession } from '../start/startSession.ts';
import { askAgain, chooseHeldBack, showUpload } from '../start/aboutUpload.ts';
import { openTerminal, splitTerminal, watchCommand } from '../terminal/commands.ts';
import type { Terminals } from '../terminal/terminals.ts';
import type { Turns } from '../turns.ts';
import { checkSetup } from './checkSetup.ts';
import { chooseModel, forgetApiKey, setApiKey } from './modelCommands.ts';
import { runFix, signIn } from './providerActions.ts';
import {
  deleteSession,
  endSession,
  openSession,
  pauseSandbox,
  refillSandbox,
  restartSandbox,
  resumeSandbox,
  stopSandbox,
  stopTurn,
} from './sessionCommands.ts';
import { showInformation } from '../notify.ts';

/** What the commands act on, besides the services. */
export interface CommandParts {
  readonly services: Services;
  readonly turns: Turns;
  readonly tree: ChangesTree;
  readonly computers: ComputersTree;
  readonly messages: Messages;
  readonly terminals: Terminals;
  readonly sessions: { selected(): unknown };
  readonly ports: { selected(): unknown };
  readonly network: { selected(): unknown };
}

/** Does it to the row that a key was pressed on, as the manifest's key bindings say; or to what the argument names. */
function ofRow(view: { selected(): unknown }, act: (row: unknown) => Promise<void>): (row: unknown) => Promise<void> {
  return async (row) => {
    const chosen = row === 'selection' ? view.selected() : row;
    if (row !== 'selection' || chosen !== undefined) await act(chosen);
  };
}

/** Every command, by its id. */
export function commandTable(parts: CommandParts): CommandTable {
  const { services, turns, tree, messages, terminals } = parts;
  const begin = async () => {
    await startSession(services, 'command');
  };
  return {
    'airlock.runAgent': async () => {
      await services.active.restore();
      if (services.active.current !== undefined) await services.showAgent();
      await turns.session('command');
    },
    'airlock.newSession': begin,
    'airlock.openSession': async (row) => {
      if (await openSession(services, row)) await services.showAgent();
    },
    'airlock.stopTurn': (row) => stopTurn(services, row),
    'airlock.pauseSandbox': (row) => pauseSandbox(services, row),
    'airlock.resumeSandbox': (row) => resumeSandbox(services, row),
    'airlock.takeSnapshot': (row) => takeSnapshot(services, row),
    'airlock.goBackToSnapshot': (row) => goBackToSnapshot(services, row),
    'airlock.stopSandbox': (row) => stopSandbox(services, row),
    'airlock.restartSandbox': (row) => restartSandbox(services, row),
    'airlock.refillSandbox': (row) => refillSandbox(services, row),
    'airlock.endSession': (row) => endSession(services, row),
    'airlock.deleteSession': ofRow(parts.sessions, (row) => deleteSession(services, row)),
    'airlock.continue': () => turns.continue('command'),
    'airlock.review': () => review(services),
    'airlock.openChange': (row) => openOne(services, row),
    'airlock.apply': () => applyChecked(services, tree),
    'airlock.undoApply': () => undoLastApply(services, tree),
    'airlock.reject': async (row) => {
      // A key that was pressed on nothing is not about all of it.
      if (row === 'selection' && tree.selected().length === 0) return;
      await rejectChanges(services, tree, pathIn(row));
    },
    'airlock.offerRejected': () => offerRejected(services, tree),
    'airlock.refreshChanges': async () => {
      const session = services.active.required();
      valueOf(await compareAgain(session));
      tree.refresh();
    },
    'airlock.chooseSandbox': async () => {
      const folder = await pickFolder();
      if (folder !== undefined) await services.sandboxes.choose(folder.uri);
    },
    'airlock.chooseModel': () => chooseModel(services),
    'airlock.setApiKey': () => setApiKey(services),
    'airlock.forgetApiKey': () => forgetApiKey(services),
    'airlock.openLog': () => services.log.show(),
    'airlock.showUpload': () => showUpload(services),
    'airlock.chooseHeldBack': () => chooseHeldBack(services),
    'airlock.askAgain': () => askAgain(services),
    'airlock.checkSetup': () => checkSetup(services, messages),
    ...computerTable(parts),
    'airlock.allowHosts': () => allowHosts(services),
    'airlock.allowRefused': (row) => allowRefused(services, row),
    'airlock.revokeHost': ofRow(parts.network, (row) => revokeHost(services, row)),
    'airlock.openTerminal': (row) => openTerminal(services, terminals, row),
    'airlock.splitTerminal': () => splitTerminal(services, terminals),
    'airlock.watchCommand': (row) => watchCommand(services, terminals, row),
    'airlock.openPort': (row) => openPortOf(services, row),
    'airlock.openPortOutside': (row) => openPortOutsideOf(services, row),
    'airlock.copyPortAddress': (row) => copyPortAddress(services, row),
    'airlock.stopForwarding': ofRow(parts.ports, (row) => stopForwarding(services, row)),
    'airlock.labelPort': (row) => labelPort(services, row),
    'airlock.chooseLocalPort': (row) => chooseLocalPort(services, row),
    'airlock.publishPort': (row) => publishPort(services, row),
    'airlock.unpublishPort': (row) => unpublishPort(services, row),
  };
}

/** Asks the sandbox for what changed, under the view's bar and, where it takes long, a notification with Cancel. */
async function compareAgain(session: Session): Promise<Ended<unknown>> {
  return await inView(views.changes, () =>
    withCancel('Comparing with the sandbox', (_say, signal) => session.refreshChanges(signal)),
  );
}

async function review({ active, seen }: Services): Promise<void> {
  const session = active.required();
  // While the agent works the sandbox's side is not asked again: the review would wait for the end of its turn.
  if (session.summary().status !== 'working') {
    const compared = await compareAgain(session);
    if (compared.kind === 'cancelled') return;
    valueOf(compared);
  }
  const set = session.changes();
  if (set === undefined || set.changes.length === 0) {
    void showInformation(`${emptySentence(session.summary())} There is nothing to review.`);
    return;
  }
  await openReview(session, set);
  seen.remember(session.id, set);
}

async function openOne({ active }: Services, row: unknown): Promise<void> {
  const session = active.required();
  const set = session.changes();
  const change = set?.changes.find(({ path }) => path === pathIn(row));
  if (set === undefined || change === undefined) fail('not-found', 'This change is no longer there.');
  await openChange(session, set, change);
}

/** Rows of the tree and the arguments of their command both lead to a path. */
function pathIn(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  if ('path' in row && typeof row.path === 'string') return row.path;
  return 'change' in row ? pathIn(row.change) : undefined;
}

/** What each fixing button does. */
export function fixActions(services: Services): FixActions {
  const run = (command: string) => () => commands.executeCommand(command);
  return {
    'show-command': offerCommand,
    'run-action': ({ fixAction }) => runFix(services, fixAction),
    'show-setup': run('airlock.checkSetup'),
    'set-key': run('airlock.setApiKey'),
    'choose-model': run('airlock.chooseModel'),
    'choose-sandbox': run('airlock.chooseSandbox'),
    'run-agent': run('airlock.runAgent'),
    'restart-sandbox': run('airlock.restartSandbox'),
    'resume-sandbox': run('airlock.resumeSandbox'),
    'refill-sandbox': run('airlock.refillSandbox'),
    continue: run('airlock.continue'),
    'manage-trust': run('workbench.trust.manage'),
    'open-folder': run('workbench.action.files.openFolder'),
    'sign-in': () => signIn(services),
    'open-account': run('airlock.openAccount'),
    'show-computers': run('airlock.showComputers'),
    'open-settings': openSettings,
    'open-log': run('airlock.openLog'),
  };
}

/** Opens the settings at the one that a problem names, else at all of the extension's. */
async function openSettings({ detail }: Pick<Problem, 'detail'>): Promise<void> {
  const named = /\b(airlock|http)(\.\w+)+/.exec(detail)?.[0];
  const query = named === undefined ? '@ext:airlock-dev.airlock' : `@id:${named}`;
  await commands.executeCommand('workbench.action.openSettings', query);
}
