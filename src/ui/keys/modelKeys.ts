import { fail } from '../../core/problem.ts';
import type { Environment, ResolvedModel } from '../model.ts';
import { KeyRing, type Secrets } from './keyRing.ts';

/** Sent to an endpoint on this machine that was given no key: clients refuse to send nothing. */
export const withoutKey = 'none';

/** API keys of model endpoints. A key never goes anywhere but to the origin that it was given for. */
export class ModelKeys {
  readonly #ring: KeyRing;
  readonly #environment: Environment;
  /** Endpoints of this machine for which the person keeps the environment's key back, until the window closes. */
  readonly #keptBack = new Set<string>();

  constructor(secrets: Secrets, environment: Environment) {
    this.#ring = new KeyRing(secrets);
    this.#environment = environment;
  }

  async set(origin: string, key: string): Promise<void> {
    await this.#ring.set(origin, key);
  }

  /** Forgets the key of an origin and the consent to use the environment's key there. */
  async forget(origin: string): Promise<void> {
    await this.#ring.forget(origin);
    this.#keptBack.delete(origin);
  }

  /** True where a key is stored for an origin, and not only the consent to use the environment's. */
  async holds(origin: string): Promise<boolean> {
    return (await this.#ring.stored(origin)) !== undefined;
  }

  /** Origins that have a key, or the consent to use the environment's. */
  async origins(): Promise<readonly string[]> {
    return await this.#ring.origins();
  }

  /** True when a turn could start without a question. */
  async isReady(model: ResolvedModel): Promise<boolean> {
    if ((await this.#ring.stored(model.origin)) !== undefined) return true;
    if (this.#offered(model) === undefined) return model.isLocal;
    return await this.#ring.isAgreed(model.origin);
  }

  /**
   * The key for one turn: the stored one; else OPENAI_API_KEY where it may go there, after `ask` said once for this
   * origin that it would be used; an endpoint on this machine does without. Throws `model-key-missing` where there is none.
   */
  async forTurn(model: ResolvedModel, ask: (host: string) => Promise<boolean>): Promise<string> {
    const stored = await this.#ring.stored(model.origin);
    if (stored !== undefined) return stored;
    const key = this.#offered(model);
    if (key !== undefined && ((await this.#ring.isAgreed(model.origin)) || (await this.#askFor(model, ask))))
      return key;
    const given = await this.#ring.stored(model.origin);
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
    await this.#ring.agree(origin);
    return true;
  }
}
