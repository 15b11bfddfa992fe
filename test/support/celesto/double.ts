import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ComputerStatus } from './schemas.ts';
import { Fleet, type Caller } from './fleet.ts';
import { Gate } from './gate.ts';
import { Guests } from './guests.ts';
import { defaultKnobs, type Knobs } from './knobs.ts';
import { Network, type Traffic } from './network.ts';
import { invalid, refusal } from './refusals.ts';
import { replyTo, write, type Reply } from './reply.ts';
import { checkScope, findRoute } from './routes.ts';

/** How a double is started. Every knob can be turned from the start. */
export interface CelestoDoubleOptions extends Partial<Knobs> {
  /** Default: a free one. */
  readonly port?: number;
  /** The key of its one account. */
  readonly apiKey?: string;
  /** Milliseconds of a round trip to it, for every byte of every connection. Default 0. */
  readonly rttMs?: number;
  /** Bits per second each way, for all connections together. Default: no limit. */
  readonly bitsPerSecond?: number;
  /** Keys of other accounts, each with its organization. */
  readonly otherKeys?: Readonly<Record<string, string>>;
}

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A local server that behaves like the hosted Celesto API. Its computers are real. */
export interface CelestoDouble {
  /** Origin, such as `http://127.0.0.1:4321`, without `/v1`. */
  readonly url: string;
  readonly apiKey: string;
  /** Holds everything that it has on disk. */
  readonly folder: string;
  /** Turning one takes effect at the next request. */
  readonly knobs: Knobs;
  /** Every request so far, WebSocket upgrades included, in order. */
  readonly requests: readonly SeenRequest[];
  /** Bytes of the connections that have ended. */
  readonly traffic: Readonly<Traffic>;
  /** The computers that are not deleted, newest first. */
  computers(): readonly { readonly id: string; readonly name: string; readonly status: ComputerStatus }[];
  /** Ids of a computer's terminals whose shell runs. */
  terminals(id: string): readonly string[];
  /** Takes the host of a running computer away: it becomes `restorable`. */
  interrupt(id: string): Promise<void>;
  /** Ends all computers, connections and files. */
  close(): Promise<void>;
}

const mostBodyBytes = 64 * 1024 * 1024;
/** Longest frame that a client may send. */
const mostFrameBytes = 65_536;
const organization = 'org_local';

/** Starts a double on loopback. Throws where this machine cannot run its computers. */
export async function startCelestoDouble(options: CelestoDoubleOptions = {}): Promise<CelestoDouble> {
  const { port = 0, apiKey = `celesto-${crypto.randomUUID()}`, rttMs = 0, bitsPerSecond = 0, otherKeys = {} } = options;
  const guests = await Guests.open();
  const knobs: Knobs = { ...defaultKnobs(), ...knobsIn(options) };
  const network = new Network({ rttMs, bitsPerSecond });
  let origin = '';
  const fleet = new Fleet({ guests, knobs, network, gatewayUrl: () => `${origin.replace('http', 'ws')}/gateway` });
  const gate = new Gate(knobs);
  const requests: SeenRequest[] = [];

  const callerOf = ({ authorization }: IncomingHttpHeaders): Caller => {
    const key = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) throw refusal(401, 'Not authenticated');
    if (key === apiKey) return { organization, scopes: knobs.scopes };
    const other = otherKeys[key];
    if (other === undefined) throw refusal(401, 'Invalid API key');
    return { organization: other, scopes: defaultKnobs().scopes };
  };

  const answer = async (seen: SeenRequest, readBody: () => unknown): Promise<Reply> => {
    const { pathname, searchParams } = new URL(seen.url, 'http://double');
    const { route, params } = findRoute(seen.method, pathname);
    const caller = callerOf(seen.headers);
    gate.checkRate();
    checkScope(route, caller);
    const call = { caller, params, query: Object.fromEntries(searchParams), headers: seen.headers, body: readBody() };
    return await route.answer(call, { fleet, knobs });
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = incoming;
    const text = await textOf(incoming);
    const seen: SeenRequest = { method, url, headers, body: jsonOr(text) };
    requests.push(seen);
    const trouble = gate.next(`${method} ${url}`);
    if (trouble.dropped) {
      incoming.socket.destroy();
      return;
    }
    if (trouble.interrupts) await interruptNamed(fleet, url);
    const reply = await (
      trouble.instead === undefined ? answer(seen, () => json(text)) : Promise.reject(trouble.instead)
    )
      .then((done) => (trouble.after === undefined ? done : Promise.reject(trouble.after)))
      .catch(replyTo);
    await write(response, reply, knobs, trouble.loss);
  };

  const gateway = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: mostFrameBytes });
  const upgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { method = 'GET', url = '/', headers } = incoming;
    requests.push({ method, url, headers, body: undefined });
    const trouble = gate.next(`${method} ${url}`);
    if (trouble.dropped) {
      socket.destroy();
      return;
    }
    const { pathname, searchParams } = new URL(url, 'http://double');
    const id = /^\/gateway\/terminals\/([^/]+)$/.exec(pathname)?.[1] ?? '';
    const computer = fleet.alive().find(({ terminals }) => terminals.ids().includes(id));
    const session =
      searchParams.get('via') === 'gateway'
        ? computer?.terminals.admit(id, searchParams.get('token') ?? '')
        : undefined;
    if (trouble.instead !== undefined || session === undefined) {
      const status = trouble.instead?.status ?? 401;
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    gateway.handleUpgrade(incoming, socket, head, (client) => {
      session.attach(client);
      if (trouble.loss !== undefined) client.terminate();
    });
  };

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  server.on('upgrade', upgrade);
  try {
    const reason = await guests.unavailable();
    if (reason !== undefined) throw new Error(reason);
    const listening = await network.open(server, port);
    origin = `http://127.0.0.1:${listening.port}`;
    let closing: Promise<void> | undefined;
    const end = async () => {
      await listening.close();
      await fleet.clear();
      await guests.close();
    };
    return {
      url: origin,
      apiKey,
      folder: guests.folder,
      knobs,
      requests,
      traffic: network.traffic,
      computers: () => fleet.alive().map(({ id, identity, status }) => ({ id, name: identity.name, status })),
      terminals: (id) => fleet.find({ organization, scopes: [] }, id).terminals.ids(),
      interrupt: async (id) => await fleet.find({ organization, scopes: [] }, id).interrupt(),
      close: () => (closing ??= end()),
    };
  } catch (error) {
    await guests.close();
    throw error;
  }
}

function knobsIn(options: CelestoDoubleOptions): Partial<Knobs> {
  const known = Object.keys(defaultKnobs());
  return Object.fromEntries(Object.entries(options).filter(([name]) => known.includes(name)));
}

async function interruptNamed(fleet: Fleet, url: string): Promise<void> {
  const named = fleet.alive().find(({ id, identity }) => url.includes(id) || url.includes(`/${identity.name}`));
  if (named?.status === 'running') await named.interrupt();
}

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
