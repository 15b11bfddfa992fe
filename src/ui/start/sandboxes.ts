import { EventEmitter, window, type QuickPickItem } from 'vscode';
import { AirlockError, type Problem } from '../../core/problem.ts';
import type { Provider } from '../../core/sandbox.ts';
import type { Parts } from '../parts.ts';
import { valueOf, withCancel } from '../progress.ts';
import type { Taste } from '../taste.ts';
import { isHosted, probeAll, settle, type Kind } from './kinds.ts';

interface KindItem extends QuickPickItem {
  readonly found: Kind;
}

/** Which kind of sandbox the next session of a folder runs in. */
export class Sandboxes {
  readonly #parts: Parts;
  readonly #taste: Taste;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** What the last look found, for showing. */
  last: Kind | Problem | undefined;
  #folder: string | undefined;

  constructor(parts: Parts, taste: Taste) {
    this.#parts = parts;
    this.#taste = taste;
  }

  /** Finds out again what a folder's next session would run in, for showing. Never rejects. */
  async look(folder: string, signal: AbortSignal): Promise<Kind | Problem> {
    this.#folder = folder;
    const kinds = await probeAll(await this.#parts.providers(), signal);
    this.last = settle(kinds, this.#taste.sandbox(folder));
    this.#changed.fire();
    return this.last;
  }

  /** Looks again where somebody looked before: what is ready may have changed. */
  async lookAgain(): Promise<void> {
    if (this.#folder !== undefined) await this.look(this.#folder, new AbortController().signal);
  }

  /** The kind for a new session of a folder. Throws what keeps it from being ready; undefined: cancelled. */
  async forFolder(folder: string): Promise<Provider | undefined> {
    const look = await withCancel('Looking for a sandbox', (_say, signal) => this.look(folder, signal));
    const found = valueOf(look);
    if (found === undefined) return undefined;
    if ('probe' in found) return found.provider;
    throw new AirlockError(found);
  }

  /** Lets a person choose; a kind that is not ready says why instead. */
  async choose(folder: string): Promise<Provider | undefined> {
    const providers = await this.#parts.providers();
    const looked = await withCancel('Looking for sandboxes', (_say, signal) => probeAll(providers, signal));
    const kinds = valueOf(looked);
    if (kinds === undefined) return undefined;
    const options = { title: 'Choose Sandbox', placeHolder: 'Where should the agent work?', matchOnDetail: true };
    const picked = await window.showQuickPick<KindItem>(kinds.map(kindItem), options);
    if (picked === undefined) return undefined;
    const { provider, probe } = picked.found;
    if (!probe.ready) throw new AirlockError(probe.problem);
    await this.#taste.setSandbox(folder, provider.id);
    this.last = picked.found;
    this.#changed.fire();
    return provider;
  }
}

function kindItem(kind: Kind): KindItem {
  const { provider, probe } = kind;
  const label = `${probe.ready ? '$(check)' : '$(warning)'} ${provider.title}`;
  if (!probe.ready) return { found: kind, label, description: 'not ready', detail: probe.problem.detail };
  const description = isHosted(probe.caps) ? 'files leave this machine' : 'on this machine';
  return { found: kind, label, description, detail: provider.isolation };
}
