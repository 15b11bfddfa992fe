import { EventEmitter, window } from 'vscode';
import { AirlockError, type Problem } from '../../core/problem.ts';
import type { Provider } from '../../core/sandbox.ts';
import type { Parts } from '../parts.ts';
import { valueOf, withCancel } from '../progress.ts';
import type { ReadSetting } from '../settings.ts';
import type { Taste } from '../taste.ts';
import { kindItems, type KindItem } from './kindItems.ts';
import { probeAll, probeOne, settle, wantsSignIn, whyNotReady, type Kind } from './kinds.ts';

const signInAction = 'sign-in';

/** Which kind of sandbox the next session of a folder runs in. */
export class Sandboxes {
  readonly #parts: Parts;
  readonly #taste: Taste;
  readonly #setting: ReadSetting;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** What the last look found, for showing. */
  last: Kind | Problem | undefined;
  #folder: string | undefined;
  #looks = 0;

  constructor(parts: Parts, taste: Taste, setting: ReadSetting) {
    this.#parts = parts;
    this.#taste = taste;
    this.#setting = setting;
  }

  /** Finds out again what a folder's next session would run in, for showing. Never rejects. */
  async look(folder: string, signal: AbortSignal): Promise<Kind | Problem> {
    this.#folder = folder;
    const providers = await this.#parts.providers();
    const look = (provider: Provider) => probeOne(provider, this.#setting, signal);
    const turn = ++this.#looks;
    const found = await settle(providers, this.#taste.sandbox(folder), look);
    // A later look knows better.
    return turn === this.#looks && !signal.aborted ? this.#found(found) : found;
  }

  /** Looks again where somebody looked before: what is ready may have changed. */
  async lookAgain(signal: AbortSignal): Promise<void> {
    if (this.#folder !== undefined) await this.look(this.#folder, signal);
  }

  /** What the last look found cannot be used. */
  get isBlocked(): boolean {
    return this.last !== undefined && whyNotReady(this.last) !== undefined;
  }

  /** The kind that a folder works with as things are, for looking only. Throws why none is ready; undefined: cancelled. */
  async current(folder: string): Promise<Provider | undefined> {
    const look = await withCancel('Looking for a sandbox', (_say, signal) => this.look(folder, signal));
    const found = valueOf(look);
    const why = found && whyNotReady(found);
    if (why !== undefined) throw new AirlockError(why);
    return found !== undefined && 'probe' in found ? found.provider : undefined;
  }

  /**
   * The kind for a new session of a folder: the one that was chosen for it before, else a person chooses now, where there
   * is a choice. Throws what keeps it from being ready; undefined: the person stopped.
   */
  async forFolder(folder: string): Promise<Provider | undefined> {
    const providers = await this.#parts.providers();
    const chosen = providers.find(({ id }) => id === this.#taste.sandbox(folder));
    if (chosen === undefined) return providers.length > 1 ? await this.choose(folder) : await this.current(folder);
    const kind = await this.#looked('Looking for the sandbox', (signal) => probeOne(chosen, this.#setting, signal));
    const ready = kind && (await this.#madeReady(kind));
    this.#folder = folder;
    if (ready !== undefined) this.#found(ready);
    return ready?.provider;
  }

  /** Lets a person choose; a kind that is not ready says why instead, and one that wants it is signed in to. */
  async choose(folder: string): Promise<Provider | undefined> {
    const providers = await this.#parts.providers();
    const kinds = await this.#looked('Looking for sandboxes', (signal) => probeAll(providers, this.#setting, signal));
    if (kinds === undefined) return undefined;
    const picked = await window.showQuickPick<KindItem>(kindItems(kinds, this.#taste.sandbox(folder)), {
      title: 'Choose Sandbox',
      placeHolder: 'Where should the agent work? Remembered for this folder.',
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    const ready = picked?.found && (await this.#madeReady(picked.found));
    if (ready === undefined) return undefined;
    await this.#taste.setSandbox(folder, ready.provider.id);
    this.#folder = folder;
    this.#found(ready);
    return ready.provider;
  }

  #found<T extends Kind | Problem>(found: T): T {
    this.#looks += 1;
    this.last = found;
    this.#changed.fire();
    return found;
  }

  async #looked<T>(title: string, look: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return valueOf(await withCancel(title, (_say, signal) => look(signal)));
  }

  /** Undefined where the person did not sign in. Throws what else keeps it from being ready. */
  async #madeReady(kind: Kind): Promise<Kind | undefined> {
    if (kind.probe.ready) return kind;
    const signIn = kind.provider.actions.find(({ id }) => id === signInAction);
    if (!wantsSignIn(kind) || signIn === undefined) throw new AirlockError(kind.probe.problem);
    await signIn.run(new AbortController().signal);
    const again = await this.#looked('Looking for the sandbox', (signal) =>
      probeOne(kind.provider, this.#setting, signal),
    );
    if (again === undefined || wantsSignIn(again)) return undefined;
    if (again.probe.ready) return again;
    throw new AirlockError(again.probe.problem);
  }
}
