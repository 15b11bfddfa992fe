import { parseJson } from '../../shared/json.ts';
import { memberOf, textOf } from '../narrow.ts';

/** The part of the editor's secret storage that is used. */
export interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
  keys(): PromiseLike<string[]>;
}

/**
 * Keys of one kind in the editor's secret storage, each bound to the origin that it was given for, and the consents to
 * use the environment's key there.
 */
export class KeyRing {
  readonly #secrets: Secrets;
  readonly #keys: string;
  readonly #consents: string;

  /** `kind` tells this ring from others: empty for the model's. */
  constructor(secrets: Secrets, kind = '') {
    this.#secrets = secrets;
    const start = kind === '' ? 'airlock.' : `airlock.${kind}.`;
    this.#keys = `${start}key:`;
    this.#consents = `${start}environment-key:`;
  }

  /** The stored key of an origin. What cannot be read, or names another origin, counts as absent. */
  async stored(origin: string): Promise<string | undefined> {
    const text = await this.#secrets.get(this.#keys + origin);
    if (text === undefined) return undefined;
    const stored = parseJson(text);
    const isFor = memberOf(stored, 'v') === 1 && memberOf(stored, 'origin') === origin;
    const key = isFor ? textOf(memberOf(stored, 'key')) : undefined;
    return key === '' ? undefined : key;
  }

  async set(origin: string, key: string): Promise<void> {
    await this.#secrets.store(this.#keys + origin, JSON.stringify({ v: 1, origin, key: key.trim() }));
  }

  /** True once a person agreed that the environment's key is used at that origin. */
  async isAgreed(origin: string): Promise<boolean> {
    return (await this.#secrets.get(this.#consents + origin)) === 'agreed';
  }

  async agree(origin: string): Promise<void> {
    await this.#secrets.store(this.#consents + origin, 'agreed');
  }

  /** Forgets the key of an origin and the consent to use the environment's key there. */
  async forget(origin: string): Promise<void> {
    await this.#secrets.delete(this.#keys + origin);
    await this.#secrets.delete(this.#consents + origin);
  }

  /** Origins that have a key, or the consent to use the environment's. */
  async origins(): Promise<readonly string[]> {
    const all = await this.#secrets.keys();
    const found = all.flatMap((key) =>
      [this.#keys, this.#consents].filter((start) => key.startsWith(start)).map((start) => key.slice(start.length)),
    );
    return [...new Set(found)].sort();
  }
}
