import type { Problem } from '../../core/problem.ts';
import type { Environment } from '../model.ts';
import { KeyRing, type Secrets } from './keyRing.ts';

/** A hosted service that wants an API key. */
export interface Service {
  readonly title: string;
  /** Variable of the environment that may hold a key. */
  readonly variable: string;
  /** Where its address was given, where that is not the service's own. */
  readonly addressFrom?: () => string | undefined;
}

/** Answers why a key is of no use; undefined where it works. */
export type CheckKey = (key: string) => Promise<Problem | undefined>;

/** How a person is asked. */
export interface KeyQuestions {
  /** Whether the environment's key may be sent to that place. Undefined: dismissed. */
  environment(service: Service, place: string): Promise<'use' | 'other' | undefined>;
  /** A key that `check` is content with; `why` tells what was wrong with an earlier one. Undefined: dismissed. */
  key(
    service: Service,
    place: string,
    check: CheckKey,
    signal: AbortSignal,
    why?: Problem,
  ): Promise<string | undefined>;
  /** Tells in passing what was done. */
  tell(text: string): void;
}

/** Keys of one hosted service, each bound to the origin that it was given for. It never goes anywhere else. */
export class ServiceKeys {
  readonly #service: Service;
  readonly #ring: KeyRing;
  readonly #environment: Environment;
  readonly #questions: KeyQuestions;

  constructor(service: Service, secrets: Secrets, environment: Environment, questions: KeyQuestions) {
    this.#service = service;
    this.#ring = new KeyRing(secrets, 'service');
    this.#environment = environment;
    this.#questions = questions;
  }

  /** The stored key of an origin, else the environment's where a person agreed to that for this origin. */
  async read(origin: string): Promise<{ readonly value: string; readonly from?: string } | undefined> {
    const value = await this.#ring.stored(origin);
    if (value !== undefined) return { value };
    const offered = this.#offered();
    if (offered === undefined || !(await this.#ring.isAgreed(origin))) return undefined;
    return { value: offered, from: `the variable ${this.#service.variable}` };
  }

  /** Signs in: with the environment's key after saying so, or with one that the person gives. It is checked first. */
  async ask(origin: string, check: CheckKey, signal: AbortSignal): Promise<void> {
    const place = this.#placeOf(origin);
    const offered = (await this.#ring.isAgreed(origin)) ? undefined : this.#offered();
    const answer = offered === undefined ? 'other' : await this.#questions.environment(this.#service, place);
    if (answer === undefined) return;
    const why = answer === 'use' && offered !== undefined ? await check(offered) : undefined;
    if (answer === 'use' && why === undefined) {
      await this.#ring.agree(origin);
    } else {
      const key = await this.#questions.key(this.#service, place, check, signal, why);
      if (key === undefined) return;
      await this.#ring.set(origin, key);
    }
    this.#questions.tell(`Signed in to ${this.#service.title}.`);
  }

  /** Forgets the key, and the consent to use the environment's. */
  async forget(origin: string): Promise<void> {
    await this.#ring.forget(origin);
    this.#questions.tell(`Signed out of ${this.#service.title}.`);
  }

  #offered(): string | undefined {
    const key = this.#environment(this.#service.variable)?.trim();
    return key === '' ? undefined : key;
  }

  #placeOf(origin: string): string {
    const { host } = new URL(origin);
    const from = this.#service.addressFrom?.();
    return from === undefined ? host : `${host} (${from})`;
  }
}
