import { setTimeout as sleep } from 'node:timers/promises';
import { AirlockError, fail, problem } from '../../core/problem.ts';
import { unsettled } from '../common/changes.ts';
import type { PublicPort, Published, Settled } from '../../core/sandbox.ts';
import type { Api, PublishedPort } from './api/client.ts';
import { CallFailed } from './api/http.ts';

/** Most that may be public at once (the service's own limit). */
export const mostPublished = 4;
const least = 1024;
const urlWithinMs = 20_000;

/** Ports of one computer that are public on the internet, without anything in front of them. */
export class PublicPorts {
  readonly #api: Api;
  readonly #computer: string;
  readonly #look: () => Promise<unknown>;

  /** `look` finds out what the computer is doing, where the service says that it does not run. */
  constructor(api: Api, computer: string, look: () => Promise<unknown>) {
    this.#api = api;
    this.#computer = computer;
    this.#look = look;
  }

  /**
   * Makes a port public. Throws `unsupported` for one that cannot be, `limit` when four are. A lost answer is settled by
   * looking at the list.
   */
  async publish(port: number, signal: AbortSignal): Promise<Published> {
    if (!Number.isInteger(port) || port < least || port > 65_535) {
      fail('unsupported', `Only ports from ${least} to 65535 can be published.`);
    }
    const now = await this.#list();
    if (now.length >= mostPublished && !now.some((one) => one.port === port)) {
      fail('limit', `${mostPublished} ports are public already: withdraw one first.`);
    }
    try {
      return await this.#withUrl(await this.#api.publish(this.#computer, port), signal);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (error.status === 409) await this.#look().catch(() => undefined);
      if (error.status === 400) {
        const why = problem('unsupported', `Port ${port} is reserved: let the program listen on another one.`);
        throw new AirlockError(why, error);
      }
      const found = error.problem.delivery === 'maybe-sent' ? await this.#find(port) : undefined;
      if (found === undefined) throw error;
      return await this.#withUrl(found, signal);
    }
  }

  /** Idempotent: a port that is not public is done. */
  async unpublish(port: number): Promise<Settled> {
    try {
      await this.#api.unpublish(this.#computer, port);
      return { kind: 'done' };
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (error.status === 404) return { kind: 'done' };
      if (error.status === 409) await this.#look().catch(() => undefined);
      return unsettled(error, 'service-failed');
    }
  }

  /** What is public now, whoever made it so. An address that may not be opened is not told. */
  async list(signal?: AbortSignal): Promise<readonly PublicPort[]> {
    return (await this.#list(signal)).map(({ port, url }) => {
      const safe = openable(url);
      return safe === undefined ? { port } : { port, url: safe };
    });
  }

  async #list(signal?: AbortSignal): Promise<readonly PublishedPort[]> {
    const all = await this.#api.published(this.#computer, signal);
    return all.filter(({ status }) => status !== 'unpublished');
  }

  async #find(port: number): Promise<PublishedPort | undefined> {
    return (await this.#api.published(this.#computer)).find((one) => one.port === port);
  }

  /** The first answer may come before there is a URL. */
  async #withUrl(first: PublishedPort, signal: AbortSignal): Promise<Published> {
    const until = Date.now() + urlWithinMs;
    let latest = first;
    while (latest.url == null && Date.now() < until) {
      await sleep(300, undefined, { signal });
      latest = (await this.#find(first.port)) ?? latest;
    }
    return { port: first.port, url: safeUrl(latest) };
  }
}

/** Where a port is public. Throws `protocol` where the service names no address that may be opened. */
function safeUrl({ port, url }: PublishedPort): string {
  return (
    openable(url) ??
    fail('protocol', `The service does not say where port ${port} is public.`, { delivery: 'maybe-sent' })
  );
}

function openable(url: string | null | undefined): string | undefined {
  const safe = url == null ? null : URL.parse(url);
  return safe !== null && (safe.protocol === 'https:' || safe.hostname === '127.0.0.1') ? safe.href : undefined;
}
