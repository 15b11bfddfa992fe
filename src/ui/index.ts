import { env, window, workspace, type ExtensionContext } from 'vscode';
import type { Disposable } from '../core/session/api.ts';
import { ActiveSession } from './activeSession.ts';
import { ChangesTree } from './changes/tree.ts';
import { commandTable, fixActions } from './commands/table.ts';
import { ComputersTree } from './computers/tree.ts';
import { ContextKeys } from './contextKeys.ts';
import { followModel, followSession } from './follow.ts';
import { reviewScheme, views } from './ids.ts';
import { ModelKeys } from './keys/modelKeys.ts';
import { keyQuestions } from './keys/questions.ts';
import { ServiceKeys } from './keys/serviceKeys.ts';
import { createLog } from './log.ts';
import { Messages } from './messages.ts';
import { followRefusals } from './network/refused.ts';
import { NetworkTree } from './network/tree.ts';
import { PanelView } from './panel/view.ts';
import { SessionPanel } from './panelModel.ts';
import type { Editor, Parts } from './parts.ts';
import { followPorts } from './ports/notices.ts';
import { openGuestUrl } from './ports/open.ts';
import { PortTokens } from './ports/tokens.ts';
import { PortsTree } from './ports/tree.ts';
import { presence } from './presence.ts';
import { registerActions, registerCommands } from './register.ts';
import { ReviewFiles } from './review/files.ts';
import { SeenReviews } from './review/seen.ts';
import type { Services } from './services.ts';
import { SessionsTree } from './sessions/tree.ts';
import { openFolders } from './start/folders.ts';
import { Sandboxes } from './start/sandboxes.ts';
import { createStatusBar } from './statusBar.ts';
import { Taste } from './taste.ts';
import { openSetupTerminal } from './terminal/setupTerminal.ts';
import { Terminals } from './terminal/terminals.ts';
import { Turns } from './turns.ts';
import { UploadLists } from './upload/list.ts';
import { Wake } from './wake.ts';

export type { Editor, Parts } from './parts.ts';

/** What the editor hands to an extension when it starts. */
export type EditorContext = ExtensionContext;

/** The running user interface. */
export interface Running {
  /** Lets go of every session without ending any. */
  stop(): Promise<void>;
}

/**
 * Builds the user interface and registers all that the manifest names. Nothing of the parts behind it is loaded here:
 * `compose` hands over functions that load when they are first called.
 */
export function start(context: ExtensionContext, compose: (editor: Editor) => Parts): Running {
  const log = createLog();
  const keep = <T extends Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const showAgent = async (): Promise<void> => {
    await window.withProgress({ location: { viewId: views.panel } }, () => wake.showPanel(panel));
  };
  const services = keepServices(context, log, compose, showAgent, keep);
  const messages = new Messages(log);
  const turns = new Turns(services);
  messages.useFixes(fixActions(services));
  const tree = keep(new ChangesTree(services));
  const terminals = new Terminals(services, context.extension.id);
  keep(terminals.register((session, url) => messages.guard('Open Port', () => openGuestUrl(session, url))));
  const wake = new Wake(services);
  const panel = keep(new PanelView(context.extensionUri, keep(new SessionPanel(services, turns, messages, terminals))));
  const sessions = keep(new SessionsTree(services));
  const computers = keep(new ComputersTree(services));
  const ports = keep(new PortsTree(services));
  keep(followPorts(services, messages));
  const network = keep(new NetworkTree(services));
  keep(followRefusals(services, messages));
  keep(createStatusBar(services.active));
  keep(followSession(services));
  const acted = { services, turns, tree, computers, messages, terminals, sessions, ports, network };
  keep(registerCommands(commandTable(acted), messages, log));
  keep(registerActions(services, messages));
  keep(services.lists.register());
  keep(new ReviewFiles((id) => wake.sessionOf(id)).register(reviewScheme));
  keep(
    window.registerWebviewViewProvider(PanelView.id, {
      resolveWebviewView: (view) => {
        panel.resolveWebviewView(view);
        wake.look();
      },
    }),
  );
  keep(
    workspace.onDidGrantWorkspaceTrust(() => {
      wake.begin();
      wake.look();
    }),
  );
  keep(
    workspace.onDidChangeConfiguration((event) => {
      void followModel(services);
      if (event.affectsConfiguration('airlock')) wake.lookAgain();
    }),
  );
  keep(
    window.onDidChangeWindowState(({ focused }) => {
      if (focused && services.sandboxes.isBlocked) wake.lookAgain();
    }),
  );
  keep(context.secrets.onDidChange(() => void followModel(services)));
  keep(log);
  wake.begin();
  return { stop: () => wake.stop() };
}

function keepServices(
  context: ExtensionContext,
  log: Services['log'],
  compose: (editor: Editor) => Parts,
  showAgent: Services['showAgent'],
  keep: <T extends Disposable>(part: T) => T,
): Services {
  const setting = (id: string): unknown => structured(workspace.getConfiguration().get(id));
  const portTokens = new PortTokens(context.secrets);
  const parts: Parts = compose({
    log,
    portToken: (session) => portTokens.of(session),
    storage: context.globalStorageUri.fsPath,
    program: env.appRoot,
    installation: context.extensionUri.fsPath,
    openTerminal: openSetupTerminal,
    openPaths: () => openFolders().map(({ path }) => path),
    trusted: () => workspace.isTrusted,
    setting,
    presence,
    serviceKeys: (service) =>
      new ServiceKeys(service, context.secrets, (name) => parts.environment(name), keyQuestions),
  });
  const taste = new Taste(context.workspaceState);
  const active = keep(new ActiveSession(parts, taste, log));
  return {
    parts,
    log,
    setting,
    keys: new ModelKeys(context.secrets, parts.environment),
    taste,
    context: new ContextKeys(),
    active,
    sandboxes: new Sandboxes(parts, taste, setting),
    lists: new UploadLists(),
    seen: new SeenReviews(),
    portTokens,
    showAgent,
  };
}

/** Groups of settings come as read-only proxies: they are copied before they are parsed. */
function structured(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}
