import { setTimeout as sleep } from 'node:timers/promises';
import { AirlockError, fail, problem } from '../../core/problem.ts';
import type { Gesture } from '../../core/gesture.ts';
import type { Published, Publishing, Settled } from '../../core/sandbox.ts';
import type { Api, PublishedPort } from './api/client.ts';
import { CallFailed } from './api/http.ts';

/** Most that may be public at once (the service's own limit). */
export const mostPublished = 4;
const least = 1024;
const urlWithinMs = 20_000;

/** Ports of one computer that are public on the internet, without anything in front of them. */
export class PublicPorts implements Publishing {
  readonly #api: Api;
  readonly #computer: string;

  constructor(api: Api, computer: string) {
    this.#api = api;
    this.#computer = computer;
  }

  /**
   * Makes a port public. Throws `bad-input` for one that cannot be, `limit` when four are. A lost answer is settled by
   * looking at the list.
   */
  async publish(port: number, gesture: Gesture): Promise<Published> {
    gesture.spend('publish', String(port));
    if (!Number.isInteger(port) || port < least || port > 65_535) {
      fail('bad-input', `Only ports from ${least} to 65535 can be published.`);
    }
    const now = await this.list();
    if (now.length >= mostPublished && !now.some((one) => one.port === port)) {
      fail('limit', `${mostPublished} ports are public already: withdraw one first.`);
    }
    try {
      return await this.#withUrl(await this.#api.publish(this.#computer, port));
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (error.status === 400) {
        const why = problem('bad-input', `Port ${port} is reserved: let the program listen on another one.`);
        throw new AirlockError(why, error);
      }
      const found = error.problem.delivery === 'maybe-sent' ? await this.#find(port) : undefined;
      if (found === undefined) throw error;
      return await this.#withUrl(found);
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
      return { kind: error.problem.delivery === 'never-sent' ? 'failed' : 'unknown', problem: error.problem };
    }
  }

  async list(): Promise<readonly Published[]> {
    const all = await this.#api.published(this.#computer);
    return all.filter(({ status }) => status !== 'unpublished').map(shownPort);
  }

  async #find(port: number): Promise<PublishedPort | undefined> {
    return (await this.#api.published(this.#computer)).find((one) => one.port === port);
  }

  /** The first answer may come before there is a URL. */
  async #withUrl(first: PublishedPort): Promise<Published> {
    const until = Date.now() + urlWithinMs;
    let latest = first;
    while (latest.url == null && Date.now() < until) {
      await sleep(300);
      latest = (await this.#find(first.port)) ?? latest;
    }
    return shownPort(latest);
  }
}

function shownPort({ port, url }: PublishedPort): Published {
  const safe = url == null ? null : URL.parse(url);
  const usable = safe !== null && (safe.protocol === 'https:' || safe.hostname === '127.0.0.1');
  return usable ? { port, url: safe.href } : { port };
}
