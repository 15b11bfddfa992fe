import type { Sandbox } from '../../../src/core/sandbox.ts';
import { freshId } from './ids.ts';
import type { Knobs } from './knobs.ts';
import type { Listening, Network } from './network.ts';
import { portServer } from './portServer.ts';
import { refusal } from './refusals.ts';

const mostPorts = 4;

/** One route from outside to a port of a computer. */
interface Published {
  readonly id: string;
  readonly computer_id: string;
  readonly port: number;
  readonly url: string | null;
  readonly status: string;
  readonly created_at: string;
}

/** The published ports of one computer: each is a real server that hands HTTP and WebSocket on. */
export class PublishedPorts {
  readonly #computer: string;
  readonly #running: () => Sandbox;
  readonly #knobs: Knobs;
  readonly #network: Network;
  readonly #routes = new Map<number, { readonly route: Published; readonly server: Listening }>();

  constructor(computer: string, running: () => Sandbox, knobs: Knobs, network: Network) {
    this.#computer = computer;
    this.#running = running;
    this.#knobs = knobs;
    this.#network = network;
  }

  /** Publishes a port; again is the same route. Throws the service's 400 and 409. */
  async publish(port: number): Promise<Published> {
    this.#running();
    if (this.#knobs.reservedPorts.includes(port)) throw refusal(400, `Port ${port} is reserved. Choose another port.`);
    const known = this.#routes.get(port);
    if (known !== undefined) return known.route;
    if (this.#routes.size >= mostPorts) throw refusal(409, `At most ${mostPorts} ports can be published`);
    const server = await this.#network.open(portServer(this.#running, port));
    const url = `http://127.0.0.1:${server.port}`;
    const route = this.#route(port, url, 'published');
    this.#routes.set(port, { route, server });
    return this.#knobs.lateUrls ? { ...route, url: null, status: 'publishing' } : route;
  }

  /** Ends a route; one that is not there is a success too. */
  async unpublish(port: number): Promise<Published> {
    const known = this.#routes.get(port);
    this.#routes.delete(port);
    if (known === undefined) return this.#route(port, null, 'unpublished');
    await known.server.close();
    return { ...known.route, status: 'unpublished' };
  }

  list(): readonly Published[] {
    return [...this.#routes.values()].map(({ route }) => route);
  }

  async close(): Promise<void> {
    for (const port of [...this.#routes.keys()]) await this.unpublish(port);
  }

  #route(port: number, url: string | null, status: string): Published {
    const created_at = new Date().toISOString();
    return { id: freshId('port'), computer_id: this.#computer, port, url, status, created_at };
  }
}
