import { fail } from '../core/problem.ts';
import { parseJson } from '../shared/json.ts';
import type { Environment, ResolvedModel } from './model.ts';
import { memberOf, textOf } from './narrow.ts';

/** The part of the editor's secret storage that is used. */
export interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
  keys(): PromiseLike<string[]>;
}

/** Sent to an endpoint on this machine that was given no key: clients refuse to send nothing. */
export const withoutKey = 'none';

const prefix = 'airlock.key:';
const consentPrefix = 'airlock.environment-key:';

/** API keys, each bound to the origin that it was given for. A key never goes anywhere else. */
export class Keys {
  readonly #secrets: Secrets;
  readonly #environment: Environment;
  /** Endpoints of this machine for which the person keeps the environment's key back, until the window closes. */
  readonly #keptBack = new Set<string>();

  constructor(secrets: Secrets, environment: Environment) {
    this.#secrets = secrets;
    this.#environment = environment;
  }

  /** The stored key of an origin. What cannot be read, or names another origin, counts as absent. */
  async stored(origin: string): Promise<string | undefined> {
    const text = await this.#secrets.get(prefix + origin);
    if (text === undefined) return undefined;
    const stored = parseJson(text);
    const isFor = memberOf(stored, 'v') === 1 && memberOf(stored, 'origin') === origin;
    const key = isFor ? textOf(memberOf(stored, 'key')) : undefined;
    return key === '' ? undefined : key;
  }

  async set(origin: string, key: string): Promise<void> {
    await this.#secrets.store(prefix + origin, JSON.stringify({ v: 1, origin, key: key.trim() }));
  }

  /** Forgets the key of an origin and the consent to use the environment's key there. */
  async forget(origin: string): Promise<void> {
    await this.#secrets.delete(prefix + origin);
    await this.#secrets.delete(consentPrefix + origin);
    this.#keptBack.delete(origin);
  }

  /** Origins that have a key, or the consent to use the environment's. */
  async origins(): Promise<readonly string[]> {
    const all = await this.#secrets.keys();
    const found = all.flatMap((key) =>
      [prefix, consentPrefix].filter((start) => key.startsWith(start)).map((start) => key.slice(start.length)),
    );
    return [...new Set(found)].sort();
  }

  /** True when a turn could start without a question. */
  async isReady(model: ResolvedModel): Promise<boolean> {
    if ((await this.stored(model.origin)) !== undefined) return true;
    if (this.#offered(model) === undefined) return model.isLocal;
    return await this.#agreed(model.origin);
  }

  /**
   * The key for one turn: the stored one; else OPENAI_API_KEY where it may go there, after `ask` said once for this
   * origin that it would be used; an endpoint on this machine does without. Throws `model-key-missing` where there is none.
   */
  async forTurn(model: ResolvedModel, ask: (host: string) => Promise<boolean>): Promise<string> {
    const stored = await this.stored(model.origin);
    if (stored !== undefined) return stored;
    const key = this.#offered(model);
    if (key !== undefined && ((await this.#agreed(model.origin)) || (await this.#askFor(model, ask)))) return key;
    const given = await this.stored(model.origin);
    if (given !== undefined) return given;
    if (model.isLocal) return withoutKey;
    fail('model-key-missing', `No API key is set for ${model.host}.`, { fix: 'set-key' });
  }

  /**
   * The environment's key, where it may be asked for. What listens on this machine gets it only where the environment
   * itself names that endpoint: the two were given together.
   */
  #offered({ isLocal, baseUrlFrom, origin }: ResolvedModel): string | undefined {
    if (isLocal && (baseUrlFrom !== 'environment' || this.#keptBack.has(origin))) return undefined;
    const key = this.#environment('OPENAI_API_KEY')?.trim();
    return key === '' ? undefined : key;
  }

  async #askFor({ host, origin, isLocal }: ResolvedModel, ask: (host: string) => Promise<boolean>): Promise<boolean> {
    if (!(await ask(host))) {
      if (isLocal) this.#keptBack.add(origin);
      return false;
    }
    await this.#secrets.store(consentPrefix + origin, 'agreed');
    return true;
  }

  async #agreed(origin: string): Promise<boolean> {
    return (await this.#secrets.get(consentPrefix + origin)) === 'agreed';
  }
}
