import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Caller, Fleet } from './fleet.ts';
import { Gate, type Trouble } from './gate.ts';
import { defaultKnobs, type Knobs } from './knobs.ts';
import { codedRefusal, invalid, refusal } from './refusals.ts';
import { cutWhenIdle, replyTo, write, type Reply } from './reply.ts';
import { checkScope, findRoute } from './routes.ts';

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Who may come in. */
export interface Keys {
  readonly apiKey: string;
  readonly organization: string;
  /** Organizations of other accounts by their keys. */
  readonly others: Readonly<Record<string, string>>;
}

const mostBodyBytes = 64 * 1024 * 1024;
/** Longest frame that a client may send. */
const mostFrameBytes = 65_536;
const terminalPath = /^\/gateway\/terminals\/([^/]+)$/;

/** What faces the callers: REST routes, and the gateway of terminals on the same port. */
export class Front {
  readonly requests: SeenRequest[] = [];
  readonly server: Server;
  readonly #fleet: Fleet;
  readonly #knobs: Knobs;
  readonly #keys: Keys;
  readonly #gate: Gate;
  readonly #gateway = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: mostFrameBytes });

  constructor(fleet: Fleet, knobs: Knobs, keys: Keys) {
    this.#fleet = fleet;
    this.#knobs = knobs;
    this.#keys = keys;
    this.#gate = new Gate(knobs);
    this.server = createServer((incoming, response) => {
      this.#serve(incoming, response).catch(() => response.destroy());
    });
    this.server.on('upgrade', (incoming, socket: Duplex, head: Buffer) => this.#upgrade(incoming, socket, head));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const moved = cutWhenIdle(response, this.#knobs.idleCutMs);
    const text = await textOf(incoming);
    const trouble = this.#meet(incoming, jsonOr(text));
    if (trouble.dropped) {
      incoming.socket.destroy();
      return;
    }
    if (trouble.hangs === 'before') return;
    if (trouble.interrupts) await this.#interruptNamed(incoming.url ?? '/');
    const reply = await this.#answer(incoming, text, trouble).catch(replyTo);
    if (trouble.hangs === 'after') {
      if ('events' in reply) for await (const _event of reply.events);
      return;
    }
    await write(response, reply, { ...this.#knobs, loss: trouble.loss, moved });
  }

  async #answer(
    { method = 'GET', url = '/', headers }: IncomingMessage,
    text: string,
    trouble: Trouble,
  ): Promise<Reply> {
    if (trouble.instead !== undefined) throw trouble.instead;
    const { pathname, searchParams } = new URL(url, 'http://double');
    const { route, params } = findRoute(method, pathname);
    const caller = route.scope === 'no key' ? nobody : this.#callerOf(headers);
    this.#gate.checkRate();
    checkScope(route, caller);
    const call = { caller, params, query: Object.fromEntries(searchParams), headers, body: json(text) };
    const reply = await route.answer(call, { fleet: this.#fleet, knobs: this.#knobs });
    if (trouble.after !== undefined) throw trouble.after;
    return reply;
  }

  #callerOf(headers: IncomingHttpHeaders): Caller {
    const { apiKey, organization, others } = this.#keys;
    const key = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (key === undefined) throw refusal(401, 'Not authenticated');
    const own = key === apiKey ? organization : others[key];
    if (own === undefined) throw refusal(401, 'Invalid API key');
    const asked = headers['x-current-organization'];
    if (asked !== undefined && asked !== own) throw codedRefusal('organization_access_denied');
    return { organization: own, scopes: key === apiKey ? this.#knobs.scopes : defaultKnobs().scopes };
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const trouble = this.#meet(incoming, undefined);
    socket.on('error', () => undefined);
    if (trouble.hangs === 'before') return;
    if (trouble.dropped) {
      socket.destroy();
      return;
    }
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://double');
    const id = terminalPath.exec(pathname)?.[1] ?? '';
    const computer = this.#fleet.alive().find(({ terminals }) => terminals.ids().includes(id));
    const isWhole = searchParams.get('via') === 'gateway';
    const session = isWhole ? computer?.terminals.admit(id, searchParams.get('token') ?? '') : undefined;
    if (trouble.instead !== undefined || session === undefined) {
      const status = trouble.instead?.status ?? 401;
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#gateway.handleUpgrade(incoming, socket, head, (client) => {
      session.attach(client);
      if (trouble.loss !== undefined) client.terminate();
    });
  }

  /** Takes note of a request, and of what is to happen to it. */
  #meet({ method = 'GET', url = '/', headers }: IncomingMessage, body: unknown): Trouble {
    this.requests.push({ method, url, headers, body });
    return this.#gate.next(`${method} ${url}`);
  }

  async #interruptNamed(url: string): Promise<void> {
    const named = this.#fleet.alive().find(({ id, identity }) => url.includes(id) || url.includes(`/${identity.name}`));
    if (named?.status === 'running') await named.interrupt();
  }
}

const nobody: Caller = { organization: '', scopes: [] };

async function textOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > mostBodyBytes) throw new Error('The body is too long.');
  }
  return Buffer.concat(parts).toString();
}

/** Throws the service's 422 on what is no JSON. */
function json(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([{ loc: ['body', 0], msg: 'JSON decode error', type: 'json_invalid' }]);
  }
}

function jsonOr(text: string): unknown {
  try {
    return json(text);
  } catch {
    return text;
  }
}
