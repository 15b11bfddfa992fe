import {
  commands,
  Disposable,
  TerminalExitReason,
  TerminalProfile,
  ThemeIcon,
  window,
  workspace,
  type ExtensionTerminalOptions,
  type Pseudoterminal,
  type Terminal,
} from 'vscode';
import { parseId, type OpId } from '../../shared/ids.ts';
import { AirlockError, fail, problem, problemOf } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { cleanTitle } from '../../core/terminal/systemCommand.ts';
import { terminalProfile } from '../ids.ts';
import type { Services } from '../services.ts';
import { CommandTerminal } from './commandTerminal.ts';
import { terminalLinks, type OpenGuestUrl } from './links.ts';
import { SandboxTerminal } from './sandboxTerminal.ts';

const startsWithinMs = 5000;

/** Every tab of this window that shows something inside a sandbox. */
export class Terminals {
  readonly #services: Services;
  readonly #extension: string;
  /** The session that the next terminal of the profile is for, where that is not the shown one. */
  #splitting: Session | undefined;
  /** Made for the profile: the editor opens these without showing them. */
  readonly #unseen = new WeakSet<Pseudoterminal>();

  /** `extension`: our own id, by which the editor knows the profile. */
  constructor(services: Services, extension: string) {
    this.#services = services;
    this.#extension = extension;
  }

  /** Hooks into the editor: the profile in the + menu, links, closed tabs, terminals that outlived a window. */
  register(openGuestUrl: OpenGuestUrl): Disposable {
    const { active } = this.#services;
    return Disposable.from(
      window.registerTerminalProfileProvider(terminalProfile, {
        provideTerminalProfile: async () => {
          const options = optionsOf(await usable(this.#splitting ?? active.required()));
          this.#unseen.add(options.pty);
          return new TerminalProfile(options);
        },
      }),
      window.registerTerminalLinkProvider(terminalLinks((terminal) => ptyOf(terminal)?.session, openGuestUrl)),
      window.onDidOpenTerminal((terminal) => {
        const pty = ptyOf(terminal);
        if (pty !== undefined && this.#unseen.delete(pty)) terminal.show();
      }),
      window.onDidCloseTerminal((terminal) => {
        const pty = ptyOf(terminal);
        const byWindow = terminal.exitStatus?.reason === TerminalExitReason.Shutdown;
        if (pty instanceof SandboxTerminal) pty.closed(byWindow);
      }),
      active.onDidSwitch((session) => void this.#bringBack(session)),
    );
  }

  /** Opens a shell in the session's sandbox. */
  async open(session: Session): Promise<void> {
    window.createTerminal(optionsOf(await usable(session))).show();
  }

  /**
   * Opens a shell beside the terminal that has the focus. By the editor's own command: a terminal that is created with
   * the option `parentTerminal` does not come to lie beside one that is already open (seen in VS Code 1.139).
   */
  async split(session: Session): Promise<void> {
    this.#splitting = await usable(session);
    try {
      const config = { extensionIdentifier: this.#extension, id: terminalProfile, title: 'Sandbox', icon: 'vm' };
      await commands.executeCommand('workbench.action.terminal.split', { config });
    } finally {
      this.#splitting = undefined;
    }
  }

  /** The session of the terminal that has the focus, where that is in a sandbox. */
  activeSession(): Session | undefined {
    return window.activeTerminal && ptyOf(window.activeTerminal)?.session;
  }

  /** Shows a running command of the agent, by the id and text of its transcript item. */
  async watch(session: Session, id: string, command: string): Promise<void> {
    const op = parseId('op', id) ?? fail('not-found', 'This command is not there any more.');
    const name = `Agent: ${cleanTitle(command)}`;
    const pty = new CommandTerminal(await usable(session), op, name);
    window.createTerminal({ name, pty, iconPath: new ThemeIcon('eye'), isTransient: true }).show();
  }

  /** Terminals that an earlier window left running come back as tabs; the focus stays where it is. */
  async #bringBack(session: Session | undefined): Promise<void> {
    if (session === undefined || session.summary().elsewhere || !workspace.isTrusted) return;
    try {
      const kept = await session.terminals.kept(new AbortController().signal);
      const shown = new Set(window.terminals.map((terminal) => ptyOf(terminal)).map((pty) => pty && opOf(pty)));
      const back = kept.filter((op) => !shown.has(op)).map((op) => window.createTerminal(optionsOf(session, op)));
      const last = back.at(-1);
      if (last !== undefined) putOver(last);
    } catch (error) {
      this.#services.log.debug(`No terminals come back: ${problemOf(error, 'sandbox-lost').detail}`);
    }
  }
}

/**
 * Into an open panel the editor puts a shell of this machine while a window starts. What was there before goes over that
 * one, or its reader would type into the wrong computer. A closed panel stays closed.
 */
function putOver(terminal: Terminal): void {
  if (window.activeTerminal !== undefined && window.activeTerminal !== terminal) terminal.show(true);
  const starting = window.onDidChangeActiveTerminal((active) => {
    if (active !== undefined && active !== terminal) terminal.show(true);
    stop();
  });
  const timer = setTimeout(() => stop(), startsWithinMs);
  const stop = (): void => {
    clearTimeout(timer);
    starting.dispose();
  };
}

/** The session, once it is certain that a terminal can be opened in it. */
async function usable(session: Session): Promise<Session> {
  if (!workspace.isTrusted) {
    const why = 'This folder is in Restricted Mode. Trust it to open a terminal in its sandbox.';
    throw new AirlockError(problem('untrusted', why, { fix: 'manage-trust' }));
  }
  await session.terminals.kept(new AbortController().signal);
  return session;
}

function optionsOf(session: Session, known?: OpId): ExtensionTerminalOptions {
  const name = `Sandbox: ${session.summary().folder}`;
  const pty = new SandboxTerminal(session, name, known);
  return { name, pty, iconPath: new ThemeIcon('vm'), isTransient: true };
}

function ptyOf({ creationOptions }: Terminal): SandboxTerminal | CommandTerminal | undefined {
  const pty = 'pty' in creationOptions ? creationOptions.pty : undefined;
  return pty instanceof SandboxTerminal || pty instanceof CommandTerminal ? pty : undefined;
}

function opOf(pty: SandboxTerminal | CommandTerminal): OpId | undefined {
  return pty instanceof SandboxTerminal ? pty.op : undefined;
}
