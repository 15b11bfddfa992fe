import type { Secrets } from '../keys/keyRing.ts';

const prefix = 'airlock.ports:';

/**
 * The secrets that open forwarded ports, one for each session: kept where keys are, so that pages which were open before
 * a reload go on after it.
 */
export class PortTokens {
  readonly #secrets: Pick<Secrets, 'get' | 'store' | 'delete'>;
  readonly #known = new Map<string, Promise<string>>();

  constructor(secrets: Pick<Secrets, 'get' | 'store' | 'delete'>) {
    this.#secrets = secrets;
  }

  /** The secret of a session, made when it is first asked for. */
  async of(session: string): Promise<string> {
    const known = this.#known.get(session) ?? this.#stored(session);
    this.#known.set(session, known);
    return await known;
  }

  /** Forgets that of a session which is gone. */
  async forget(session: string): Promise<void> {
    this.#known.delete(session);
    await this.#secrets.delete(prefix + session);
  }

  /** A storage of secrets that does not work costs only what a reload keeps. */
  async #stored(session: string): Promise<string> {
    try {
      const stored = await this.#secrets.get(prefix + session);
      if (stored !== undefined && /^[0-9a-f]{64}$/.test(stored)) return stored;
    } catch {
      return mint();
    }
    const token = mint();
    await Promise.resolve(this.#secrets.store(prefix + session, token)).catch(() => undefined);
    return token;
  }
}

function mint(): string {
  return Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}
