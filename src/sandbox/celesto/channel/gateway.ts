import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, WebSocket } from 'undici';
import { fail } from '../../../core/problem.ts';
import { gatewayAddress } from '../api/origin.ts';
import type { Api } from '../api/client.ts';
import { CallFailed } from '../api/http.ts';

/** Statuses by which the service says that there are no terminals. */
const refusals = [400, 403, 404, 405, 422, 501];
const openWithinMs = 15_000;
/** The gateway takes no longer frames of input. */
const mostFrame = 65_536;
const mostMessage = 1_048_576;
const mostBuffered = 1024 * 1024;

/** How a connection to a terminal ended. `clean`: its shell ended, or we let go of it. */
export interface Closed {
  readonly clean: boolean;
  readonly code: number;
}

export interface GatewayEvents {
  /** Output as it came. Text frames are given as their bytes. */
  bytes(bytes: Uint8Array): void;
  closed(how: Closed): void;
}

/** What terminals of one computer are opened with. */
export interface GatewayParts {
  readonly api: Api;
  readonly computer: string;
  readonly dispatcher: Dispatcher;
}

/** One connection to one terminal. Only its short token is sent there, never the API key. */
export class Gateway {
  readonly terminal: string;
  readonly #socket: WebSocket;
  #over = false;

  private constructor(terminal: string, socket: WebSocket, events: GatewayEvents) {
    this.terminal = terminal;
    this.#socket = socket;
    socket.addEventListener('message', ({ data }: { data: unknown }) => {
      if (this.#over) return;
      const bytes = typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data as ArrayBuffer);
      if (bytes.length > mostMessage) socket.close();
      else events.bytes(bytes);
    });
    socket.addEventListener('close', ({ code }) => {
      this.#over = true;
      events.closed({ clean: code === 1000, code });
    });
  }

  /** Opens a new terminal, or comes back to `terminal`. Throws `CallFailed`, `unreachable` or `aborted`. */
  static async open(
    parts: GatewayParts,
    events: GatewayEvents,
    signal: AbortSignal,
    terminal?: string,
  ): Promise<Gateway> {
    const grant = await parts.api.terminal(parts.computer, terminal, signal);
    const address = gatewayAddress(grant.gateway_url, grant.token);
    const socket = new WebSocket(address, { dispatcher: parts.dispatcher });
    socket.binaryType = 'arraybuffer';
    const gateway = new Gateway(grant.terminal_id, socket, events);
    await opened(socket, signal);
    return gateway;
  }

  get isOpen(): boolean {
    return !this.#over && this.#socket.readyState === WebSocket.OPEN;
  }

  resize(cols: number, rows: number): void {
    if (this.isOpen) this.#socket.send(JSON.stringify({ type: 'resize', cols, rows }));
  }

  /** Resolves when there is room for more; at once when the connection is over. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && this.isOpen; at += mostFrame) {
      this.#socket.send(bytes.slice(at, at + mostFrame));
    }
    while (this.isOpen && this.#socket.bufferedAmount > mostBuffered) await sleep(2);
  }

  /** Lets go of the terminal, which lives on. */
  detach(): void {
    if (!this.#over) this.#socket.close(1000, 'client detached');
  }
}

/** True where opening a terminal failed because the computer offers none. */
export function offersNone(error: unknown): boolean {
  return error instanceof CallFailed && error.status !== undefined && refusals.includes(error.status);
}

async function opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
  const settled = await new Promise<'open' | 'failed'>((resolve) => {
    const finish = (how: 'open' | 'failed') => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(how);
    };
    const onAbort = () => finish('failed');
    const timer = setTimeout(onAbort, openWithinMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    socket.addEventListener('open', () => finish('open'));
    socket.addEventListener('error', () => finish('failed'));
    socket.addEventListener('close', () => finish('failed'));
  });
  if (settled === 'open') return;
  socket.close();
  signal.throwIfAborted();
  fail('unreachable', 'The terminal of the computer cannot be reached.', { delivery: 'maybe-sent', fix: 'retry' });
}
