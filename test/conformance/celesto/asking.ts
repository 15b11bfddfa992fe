import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { eventually } from '../../support/vscode/eventually.ts';

export type Fields = Record<string, unknown>;

/** An answer with its body read as JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Fields;
}

/** Asks a double, with its key unless other headers say otherwise. Throws where the connection breaks. */
export async function ask(
  { url, apiKey }: CelestoDouble,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Fields) : {},
  };
}

/** Makes a computer; answers its path. */
export async function made(double: CelestoDouble, body: unknown = {}): Promise<string> {
  const { status, body: computer } = await ask(double, 'POST', '/v1/computers', body);
  assert.equal(status, 201);
  return `/v1/computers/${String(computer['id'])}`;
}

/** Waits until a computer has a status. */
export async function reached(double: CelestoDouble, computer: string, status: string): Promise<void> {
  await eventually(async () => {
    const { body } = await ask(double, 'GET', computer);
    return body['status'] === status || undefined;
  }, `a computer that is ${status}`);
}

/** Runs a command in a computer; answers what it wrote to its standard output. */
export async function run(double: CelestoDouble, computer: string, command: string): Promise<string> {
  const { status, body } = await ask(double, 'POST', `${computer}/exec`, { command });
  assert.equal(status, 200, JSON.stringify(body));
  return String(body['stdout']);
}

/** A connection to a terminal, with all that came over it. */
export class Attached {
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #frames: { readonly bytes: Buffer; readonly isBinary: boolean }[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => this.#frames.push({ bytes: data as Buffer, isBinary }));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Connects with what the terminals route answered. Throws where the gateway refuses. */
  static async to({ body }: Pick<Answer, 'body'>): Promise<Attached> {
    const url = new URL(String(body['gateway_url']));
    url.searchParams.set('token', String(body['token']));
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const attached = new Attached(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return attached;
  }

  get output(): Buffer {
    return Buffer.concat(this.#frames.map(({ bytes }) => bytes));
  }

  get kinds(): ReadonlySet<boolean> {
    return new Set(this.#frames.map(({ isBinary }) => isBinary));
  }

  get longest(): number {
    return Math.max(...this.#frames.map(({ bytes }) => bytes.length));
  }

  /** Keys, as a binary frame. */
  type(keys: string | Uint8Array): void {
    this.#socket.send(Buffer.from(keys), { binary: true });
  }

  /** A text frame. */
  say(text: string): void {
    this.#socket.send(text);
  }

  async shows(text: string): Promise<void> {
    await eventually(() => Promise.resolve(this.output.includes(text) || undefined), `“${text}” in the terminal`);
  }

  async detach(): Promise<void> {
    this.#socket.close(1000, 'client detached');
    await this.closed;
  }
}
