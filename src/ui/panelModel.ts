import { commands, env, EventEmitter, Uri, workspace } from 'vscode';
import { parseRelPath, type RelPath } from '../core/paths.ts';
import { fixOf } from '../core/session/fixes.ts';
import type { Disposable, Session, SessionDelta } from '../core/session/api.ts';
import type { Fix, PanelState } from '../shared/view.ts';
import type { Messages } from './messages.ts';
import type { PanelDelta, PanelHandlers, PanelModel } from './panel/model.ts';
import { panelState, shownItems } from './panelState.ts';
import { openChange } from './review/open.ts';
import { currentModel, type Services } from './services.ts';
import { windowProblem } from './start/folders.ts';
import { watchById } from './terminal/commands.ts';
import type { Terminals } from './terminal/terminals.ts';
import type { Turns } from './turns.ts';

/** The panel over the shown session and the state of the setup. Nothing that it can be asked crosses the border. */
export class SessionPanel implements PanelModel {
  readonly handlers: PanelHandlers;
  readonly #services: Services;
  readonly #turns: Turns;
  readonly #messages: Messages;
  readonly #terminals: Terminals;
  readonly #changed = new EventEmitter<PanelDelta | undefined>();
  readonly #subscriptions: readonly Disposable[];

  constructor(services: Services, turns: Turns, messages: Messages, terminals: Terminals) {
    this.#services = services;
    this.#turns = turns;
    this.#messages = messages;
    this.#terminals = terminals;
    this.handlers = this.#handlers();
    const status = (): void => this.tellStatus();
    this.#subscriptions = [
      services.active.onDidSwitch(() => this.#changed.fire(undefined)),
      services.active.onDidTell((delta) => this.#tell(delta)),
      services.sandboxes.onDidChange(status),
      workspace.onDidGrantWorkspaceTrust(status),
      workspace.onDidChangeWorkspaceFolders(status),
      workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('airlock') && status()),
    ];
  }

  state(): PanelState {
    const { active, sandboxes, taste } = this.#services;
    return panelState({
      window: windowProblem(),
      session: active.current?.summary(),
      transcript: active.current?.transcript() ?? [],
      model: () => currentModel(this.#services),
      kind: sandboxes.last,
      isSending: this.#turns.isSending,
      draft: taste.draft(),
    });
  }

  onDidChange(listener: (delta: PanelDelta | undefined) => void): Disposable {
    return this.#changed.event(listener);
  }

  onError(error: unknown): void {
    void this.#messages.failure('The panel’s request', error);
  }

  /** Tells the page all but the transcript again. */
  tellStatus(): void {
    const { transcript: _transcript, draft: _draft, ...state } = this.state();
    this.#changed.fire({ type: 'status', state });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #tell(delta: SessionDelta): void {
    const session = this.#services.active.current?.summary();
    if (delta.kind === 'items') this.#changed.fire({ type: 'items', items: shownItems(delta.items, session) });
    else if (delta.kind === 'text') this.#changed.fire({ type: 'text-delta', id: delta.id, text: delta.text });
    else if (delta.kind === 'output') this.#changed.fire({ type: 'output-delta', id: delta.id, text: delta.text });
    else if (delta.kind !== 'network') this.tellStatus();
  }

  #handlers(): PanelHandlers {
    const run = (command: string) => async (): Promise<void> => {
      await commands.executeCommand(command);
    };
    return {
      send: ({ prompt, session }) => this.#send(prompt, session),
      stop: run('airlock.stopTurn'),
      continue: async () => {
        await this.#attempt(() => this.#turns.continue('person'));
      },
      'new-session': run('airlock.newSession'),
      'choose-model': run('airlock.chooseModel'),
      'choose-sandbox': run('airlock.chooseSandbox'),
      review: run('airlock.review'),
      fix: ({ id }) => this.#fix(id),
      copy: async ({ text }) => await env.clipboard.writeText(text),
      'open-link': async ({ href }) => {
        await env.openExternal(Uri.parse(href, true));
      },
      'watch-command': async ({ id }) => await watchById(this.#services.active.required(), this.#terminals, id),
      'open-file': ({ path }) => this.#openFile(path),
      draft: async ({ text }) => await this.#services.taste.setDraft(text),
    };
  }

  /**
   * A prompt that did not go out is put back into the box. One for a session that is not shown any more does not go out:
   * the page may be a moment behind.
   */
  async #send(prompt: string, session: string | undefined): Promise<void> {
    const { taste, active } = this.#services;
    await taste.setDraft('');
    const isForShown = session === active.current?.summary().id;
    if (isForShown && (await this.#attempt(() => this.#turns.send(prompt)))) return;
    await taste.setDraft(prompt);
    this.#changed.fire(undefined);
  }

  async #attempt(act: () => Promise<boolean>): Promise<boolean> {
    const acting = act();
    this.tellStatus();
    try {
      return await acting;
    } catch (error) {
      void this.#messages.failure('Sending', error, () => this.#attempt(act));
      return false;
    } finally {
      this.tellStatus();
    }
  }

  /** Only a button that the state itself offers does something. */
  async #fix(id: string): Promise<void> {
    const { blocked, transcript } = this.state();
    const offered = transcript.flatMap((item) => (item.kind === 'notice' && item.fix ? [item.fix] : []));
    const last: Fix | undefined = [...(blocked?.fix ? [blocked.fix] : []), ...offered].findLast((fix) => fix.id === id);
    if (last === undefined) return;
    if (id === 'continue') {
      await this.#attempt(() => this.#turns.continue('person'));
      return;
    }
    const problem = this.#services.active.current?.problem();
    const detail = (problem && fixOf(problem)?.id === id ? problem.detail : blocked?.text) ?? last.title;
    // What a notice of the transcript offers to try again is its turn.
    const again = (): Promise<boolean> => this.#attempt(() => this.#turns.retry());
    const { action, command } = last;
    const mended = {
      detail,
      ...(command === undefined ? {} : { fixCommand: command }),
      ...(action === undefined ? {} : { fixAction: action }),
    };
    await this.#messages.fix(id, mended, again);
  }

  /** A changed file opens as its diff, any other as the local file. */
  async #openFile(text: string): Promise<void> {
    const session = this.#services.active.current;
    const path = session && pathInside(text);
    if (path === undefined) return;
    const set = session?.changes();
    const change = set?.changes.find((one) => one.path === path);
    if (session !== undefined && set !== undefined && change !== undefined) await openChange(session, set, change);
    else await openLocal(session, path);
  }
}

/** A path as the agent writes it: absolute inside the workspace, or relative to it. */
function pathInside(text: string): RelPath | undefined {
  const parsed = parseRelPath(text.replace(/^\/workspace\/[^/]+\//, '').replace(/^\.\//, ''));
  return parsed.ok ? parsed.path : undefined;
}

async function openLocal(session: Session | undefined, path: RelPath): Promise<void> {
  const root = session?.folder?.path;
  if (root !== undefined) await commands.executeCommand('vscode.open', Uri.joinPath(Uri.file(root), path));
}
