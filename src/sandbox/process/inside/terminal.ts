import type { Socket } from 'node:net';
import { frame, type Control, type Event, type TerminalLine } from '../wire.ts';
import { listen, sendData, tell } from './client.ts';
import { Kept } from './kept.ts';
import type { Pty } from './pty.ts';
import { killTree, type Others, type Root } from './tree.ts';

const largestSide = 1000;

/** What an open terminal needs from around it. */
export interface TerminalGround {
  readonly root: Root;
  readonly others: () => Others;
  /** Called once, when it has ended. */
  readonly ended: () => void;
}

/** One terminal: the program in it, those who look at it, and its last output for those who come again. */
export class OpenTerminal {
  readonly root: Root;
  readonly keeps: boolean;
  readonly #pty: Pty;
  readonly #ground: TerminalGround;
  readonly #clients = new Set<Socket>();
  readonly #kept = new Kept();
  #how: Event | undefined;
  #killing = false;

  constructor(pty: Pty, request: TerminalLine, ground: TerminalGround) {
    this.#pty = pty;
    this.#ground = ground;
    this.root = ground.root;
    this.keeps = request.onLinkLoss === 'keep';
    pty.onData((bytes) => this.#spread(bytes));
    pty.onExit((code) => {
      // What a kill achieved is told once it was verified.
      if (!this.#killing) this.#end({ event: 'exited', code });
    });
  }

  get ended(): boolean {
    return this.#how !== undefined;
  }

  /** Adds a client: it gets what is kept of the output so far, then what follows. */
  join(client: Socket, rest: Uint8Array): void {
    tell(client, { event: 'started', missed: this.#kept.missed });
    for (const { kind, bytes } of this.#kept.pieces) sendData(client, kind, bytes);
    if (this.#how !== undefined) {
      tell(client, this.#how);
      client.end();
      return;
    }
    this.#clients.add(client);
    client.on('drain', () => this.#resume());
    listen(client, rest, {
      input: (bytes) => this.#takeInput(client, bytes),
      inputEnd: () => void this.#pty.write(Buffer.from([4])),
      control: (message) => this.#obey(message),
      gone: () => this.#left(client),
    });
  }

  #spread(bytes: Uint8Array): void {
    this.#kept.add(frame.out, bytes);
    let room = true;
    for (const client of this.#clients) room = sendData(client, frame.out, bytes) && room;
    if (!room) this.#pty.pause();
  }

  /** Goes on once the slowest client has room. */
  #resume(): void {
    if ([...this.#clients].every((client) => !client.writableNeedDrain)) this.#pty.resume();
  }

  #takeInput(client: Socket, bytes: Uint8Array): void {
    if (this.#pty.write(bytes)) return;
    client.pause();
    this.#pty.onceWritable(() => client.resume());
  }

  #obey(message: Control): void {
    if (message.do === 'resize') this.#pty.resize(clamp(message.cols), clamp(message.rows));
    else if (message.do === 'abort') void this.#kill();
  }

  #left(client: Socket): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0 && !this.keeps && this.#how === undefined) this.#pty.hangUp();
    this.#resume();
  }

  async #kill(): Promise<void> {
    if (this.#killing || this.#how !== undefined) return;
    this.#killing = true;
    const killed = await killTree(this.root, this.#ground.others);
    this.#end({ event: 'stopped', by: 'abort', killed });
  }

  #end(how: Event): void {
    if (this.#how !== undefined) return;
    this.#how = how;
    for (const client of this.#clients) {
      tell(client, how);
      client.end();
    }
    this.#clients.clear();
    this.#ground.ended();
  }
}

function clamp(size: number): number {
  return Math.max(1, Math.min(largestSide, Math.trunc(size) || 80));
}
