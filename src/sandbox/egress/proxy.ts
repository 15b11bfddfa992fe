import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EgressGate } from '../../core/network/egress.ts';
import type { Outside } from './outside.ts';
import { passOn } from './plain.ts';
import { tunnel } from './tunnel.ts';
import { Ways } from './ways.ts';

const headWithinMs = 15_000;
const idleMs = 10 * 60_000;
const mostHeadBytes = 16 * 1024;

/**
 * An HTTP proxy (CONNECT and plain requests) without a listener of its own: connections of programs inside a sandbox
 * are handed to it one by one. What they send is hostile; what they reach is decided by the gate.
 */
export class EgressProxy {
  readonly #server: Server;
  readonly #ways: Ways;
  /** Those that are served, each with the time at which its first request must have come. */
  readonly #clients = new Map<Duplex, NodeJS.Timeout>();

  constructor(gate: EgressGate, outside: Outside) {
    this.#ways = new Ways(gate, outside);
    this.#server = createServer({ maxHeaderSize: mostHeadBytes, insecureHTTPParser: false, keepAliveTimeout: 30_000 });
    this.#server.timeout = idleMs;
    this.#server.on('request', (asked, answer) => {
      clearTimeout(this.#clients.get(asked.socket));
      void passOn(asked, answer, this.#ways);
    });
    this.#server.on('connect', (asked, client, head) => {
      clearTimeout(this.#clients.get(client));
      void tunnel(asked.url ?? '', client, head, this.#ways);
    });
  }

  /** How many connections are served now. */
  get size(): number {
    return this.#clients.size;
  }

  /** Serves a connection until it ends. */
  serve(client: Socket): void {
    const late = setTimeout(() => client.destroy(), headWithinMs);
    this.#clients.set(client, late);
    client.on('error', () => undefined);
    client.once('close', () => {
      clearTimeout(late);
      this.#clients.delete(client);
    });
    this.#server.emit('connection', client);
  }

  /** Ends connections that the gate would no longer let through. */
  recheck(): void {
    this.#ways.recheck();
  }

  close(): void {
    this.#ways.close();
    for (const client of this.#clients.keys()) client.destroy();
  }
}
