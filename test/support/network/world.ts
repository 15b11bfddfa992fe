import { once } from 'node:events';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { theOutside, type Outside } from '../../../src/sandbox/egress/outside.ts';

/**
 * A network with names and public addresses whose servers really listen on this machine's loopback. It stands in for
 * resolver and dialler alone: what may be asked for and dialled is decided by the product's own rules.
 */
export class World implements Outside {
  /** Every name that was looked up, in order. */
  readonly lookedUp: string[] = [];
  /** Every address that was dialled, in order. */
  readonly dialled: string[] = [];
  readonly #addresses = new Map<string, readonly string[]>();
  readonly #ports = new Map<string, number>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #nextHost = 1;

  /** Gives a name these addresses, public or not. */
  name(host: string, ...addresses: readonly string[]): void {
    this.#addresses.set(host, addresses);
  }

  /** Puts a server behind a name and port. It must not listen yet. */
  async serve(server: Server, port: number, ...hosts: readonly string[]): Promise<void> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    for (const host of hosts) {
      const known = this.#addresses.get(host)?.[0];
      const address = known ?? `93.184.216.${this.#nextHost++}`;
      if (known === undefined) this.name(host, address);
      this.#ports.set(`${address}:${port}`, (server.address() as AddressInfo).port);
    }
  }

  resolve(host: string): Promise<readonly string[]> {
    this.lookedUp.push(host);
    const found = this.#addresses.get(host);
    return found === undefined ? Promise.reject(new Error('no such host')) : Promise.resolve(found);
  }

  async dial(addresses: readonly string[], port: number): Promise<Socket> {
    const address = addresses[0] ?? '';
    this.dialled.push(`${address}:${port}`);
    const there = this.#ports.get(`${address}:${port}`);
    if (there === undefined) throw new Error('refused');
    const socket = connect({ host: '127.0.0.1', port: there, allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  }

  own(): ReadonlySet<string> {
    return theOutside.own();
  }

  /** What makes an editor's extension host live in this network. All must be served by then. */
  forEditor(): { readonly preload: string; readonly env: Readonly<Record<string, string>> } {
    const world = { names: Object.fromEntries(this.#addresses), ports: Object.fromEntries(this.#ports) };
    return { preload: `${import.meta.dirname}/internet.cjs`, env: { AIRLOCK_TEST_WORLD: JSON.stringify(world) } };
  }

  async close(): Promise<void> {
    const closed = this.#servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
    this.#addresses.clear();
    this.#ports.clear();
  }
}
