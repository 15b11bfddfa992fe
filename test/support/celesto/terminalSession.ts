import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, type RawData } from 'ws';
import { z } from 'zod';
import type { Terminal, TerminalEnd } from '../../../src/core/sandbox.ts';
import type { Knobs } from './knobs.ts';

const control = z.discriminatedUnion('type', [
  z.object({ type: z.literal('resize'), cols: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) }),
  z.object({ type: z.literal('close') }),
]);

/** What is kept for whoever comes back. */
const keepBytes = 256 * 1024;
/** A reader that is so far behind holds the shell back. */
const mostBuffered = 1024 * 1024;
const silentShellMs = 2000;
const shellEnded = 1000;
const takenOver = 4001;
const machineEnded = 1011;

/** One shell on a real terminal, with at most one connection to it at a time. */
export class TerminalSession {
  /** Resolves when the shell has ended. */
  readonly over: Promise<TerminalEnd>;
  readonly #terminal: Terminal;
  readonly #knobs: Knobs;
  #attached: WebSocket | undefined;
  #missed: Uint8Array[] = [];
  #missedBytes = 0;
  #text = new TextDecoder();
  #carried = 0;
  #unread = 0;
  #closedByClient = false;
  #idle: NodeJS.Timeout | undefined;
  /** What came in is obeyed in its order. */
  #turn: Promise<unknown> = Promise.resolve();
  #shown: () => void = () => undefined;
  /** The shell has shown something: its terminal can be sized from then on. */
  readonly #ready: Promise<unknown>;

  constructor(terminal: Terminal, knobs: Knobs) {
    this.#terminal = terminal;
    this.#knobs = knobs;
    const shown = new Promise<void>((resolve) => (this.#shown = resolve));
    this.#ready = Promise.race([shown, sleep(silentShellMs, undefined, { ref: false })]);
    this.over = this.#pump();
  }

  /** Connects a client. One that was connected before is sent away. */
  attach(socket: WebSocket): void {
    this.#attached?.close(takenOver, 'attached elsewhere');
    this.#attached = socket;
    this.#text = new TextDecoder();
    this.#carried = 0;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#attached === socket) this.#attached = undefined;
    });
    this.#cutIdle(socket);
    socket.on('message', (data, isBinary) => this.#take(socket, bytesOf(data), isBinary));
    const missed = this.#missed;
    this.#missed = [];
    this.#missedBytes = 0;
    if (this.#knobs.reattach === 'missed') for (const bytes of missed) this.#send(socket, bytes);
  }

  /** A proxy between takes any frame for life, also a ping. */
  #cutIdle(socket: WebSocket): void {
    const { idleCutMs } = this.#knobs;
    if (idleCutMs === 0) return;
    this.#idle = setTimeout(() => socket.terminate(), idleCutMs);
    const timer = this.#idle;
    for (const event of ['message', 'ping', 'pong']) socket.on(event, () => void timer.refresh());
    socket.once('close', () => clearTimeout(timer));
  }

  /** True while the connection may carry so many more bytes; then it breaks. */
  #carries(socket: WebSocket, bytes: number): boolean {
    const { terminalCutBytes } = this.#knobs;
    this.#carried += bytes;
    if (terminalCutBytes === 0 || this.#carried <= terminalCutBytes) return true;
    socket.terminate();
    return false;
  }

  async #pump(): Promise<TerminalEnd> {
    for await (const bytes of this.#terminal.read) {
      this.#shown();
      const socket = this.#attached;
      if (socket === undefined || !isOpen(socket)) this.#keep(bytes);
      else {
        this.#send(socket, bytes);
        while (isOpen(socket) && socket.bufferedAmount > mostBuffered) await sleep(5);
      }
    }
    const end = await this.#terminal.ended;
    const byShell = this.#closedByClient || (end.kind === 'exited' && end.code !== undefined);
    this.#attached?.close(byShell ? shellEnded : machineEnded, byShell ? 'shell ended' : 'computer is not running');
    return end;
  }

  /** Input that the shell does not read yet holds its sender back. */
  #take(socket: WebSocket, bytes: Buffer, isBinary: boolean): void {
    if (!this.#carries(socket, bytes.length)) return;
    this.#unread += bytes.length;
    if (this.#unread > mostBuffered) socket.pause();
    this.#turn = this.#turn.then(async () => {
      await this.#obey(bytes, isBinary ? undefined : controlIn(bytes));
      this.#unread -= bytes.length;
      if (this.#unread <= mostBuffered && isOpen(socket)) socket.resume();
    });
  }

  async #obey(bytes: Buffer, order: Control | undefined): Promise<void> {
    if (order === undefined) await this.#terminal.write(bytes);
    else if (order.type === 'resize') {
      await this.#ready;
      await this.#terminal.resize(order.cols, order.rows);
    } else {
      this.#closedByClient = true;
      await this.#terminal.kill();
    }
  }

  #send(socket: WebSocket, bytes: Uint8Array): void {
    const step = this.#knobs.terminalFrameBytes || bytes.length;
    for (let at = 0; at < bytes.length; at += step) this.#sendFrame(socket, bytes.subarray(at, at + step));
  }

  #sendFrame(socket: WebSocket, bytes: Uint8Array): void {
    if (!this.#carries(socket, bytes.length)) return;
    this.#idle?.refresh();
    const { terminalFrames } = this.#knobs;
    if (terminalFrames === 'text') {
      const text = this.#text.decode(bytes, { stream: true });
      if (text !== '') socket.send(text);
    } else if (terminalFrames === 'mixed' && isText(bytes)) socket.send(bytes, { binary: false });
    else socket.send(bytes, { binary: true });
  }

  #keep(bytes: Uint8Array): void {
    this.#missed.push(bytes);
    this.#missedBytes += bytes.length;
    while (this.#missedBytes > keepBytes) this.#missedBytes -= this.#missed.shift()?.length ?? this.#missedBytes;
  }
}

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.OPEN;
}

type Control = z.infer<typeof control>;

function controlIn(bytes: Buffer): Control | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return control.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
