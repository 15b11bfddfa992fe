import { commands, workspace } from 'vscode';
import type { Session } from '../core/session/api.ts';
import { isAbort } from './progress.ts';
import type { PanelView } from './panel/view.ts';
import { followModel } from './follow.ts';
import { closeStaleReviews, reviewedSets } from './review/stale.ts';
import type { Services } from './services.ts';
import { openFolders } from './start/folders.ts';

/** What happens by itself: after the window has opened, when the panel appears, and when the window closes. */
export class Wake {
  readonly #services: Services;
  readonly #abort = new AbortController();
  #hasBegun = false;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Shows the session of this folder again and settles what crashed windows left. Waits for nobody. */
  begin(): void {
    if (this.#hasBegun || !workspace.isTrusted) return;
    this.#hasBegun = true;
    // Activation ends first: nothing that a person sees waits for this.
    setTimeout(() => void this.#recover(reviewedSets()).catch((error: unknown) => this.#failed(error)), 0);
  }

  /** Finds out in the background where the next session would run, for showing. */
  look(): void {
    const { sandboxes } = this.#services;
    const [folder] = openFolders();
    if (folder === undefined || !workspace.isTrusted || sandboxes.last !== undefined) return;
    sandboxes.look(folder.uri, this.#abort.signal).catch((error: unknown) => this.#failed(error));
  }

  /** Looks again where somebody looked: a setting has changed, or something was installed meanwhile. */
  lookAgain(): void {
    if (!workspace.isTrusted) return;
    this.#services.sandboxes.lookAgain(this.#abort.signal).catch((error: unknown) => this.#failed(error));
  }

  /** Brings the panel into view and puts the cursor into its prompt. */
  async showPanel(panel: PanelView): Promise<void> {
    await commands.executeCommand('airlock.panel.focus');
    panel.focusPrompt();
  }

  /** The session that a review names: editors that are shown again after a reload wait for it. */
  async sessionOf(id: string): Promise<Session | undefined> {
    if (!workspace.isTrusted) return undefined;
    await this.#services.active.restore();
    const sessions = await this.#services.parts.sessions();
    return sessions.opened().find((session) => session.id === id);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    if (!this.#hasBegun) return;
    const sessions = await this.#services.parts.sessions();
    await sessions.detachAll();
  }

  async #recover(restored: ReadonlySet<string>): Promise<void> {
    await followModel(this.#services);
    const { active } = this.#services;
    await active.restore();
    await closeStaleReviews(restored, active.current?.changes()?.id);
    const sessions = await this.#services.parts.sessions();
    await sessions.recover(this.#abort.signal);
  }

  #failed(error: unknown): void {
    if (!isAbort(error)) this.#services.log.error('Work in the background failed.', error);
  }
}
