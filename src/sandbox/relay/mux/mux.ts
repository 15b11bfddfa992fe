import { AirlockError, fail, problem, problemOf, type Problem } from '../../../core/problem.ts';
import { type Coding, encodeFrame, type Frame, FrameReader } from './frames.ts';
import { greeting, Hello } from './handshake.ts';
import { MuxChannel, type ChannelEvents } from './muxChannel.ts';

const readyWithinMs = 20_000;
const pingEachMs = 20_000;
/** Without any sign of the other side for so long the connection counts as broken. */
const silenceMs = 75_000;

/** What carries a mux: a connection whose other end is the program inside. */
export interface Wire {
  /** Resolves when there is room for more. */
  send(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** What a wire tells its mux. */
export interface WireEvents {
  bytes(bytes: Uint8Array): void;
  closed(): void;
}

/** Starts the program inside in its mode `mux NAME` and connects to it. Throws a problem where that cannot be done. */
export type OpenWire = (name: string, events: WireEvents, signal: AbortSignal) => Promise<Wire>;

/**
 * Many connections over one wire: jobs, ports, lists. Made once for a sandbox and kept warm.
 */
export class Mux {
  /** Resolves when it is of no use any more. */
  readonly over: Promise<Problem>;
  readonly #channels = new Map<number, MuxChannel>();
  readonly #reader = new FrameReader((frame) => this.#hear(frame));
  readonly #ready: Promise<void>;
  #wire: Wire | undefined;
  #hello: Hello | undefined;
  /** Our answer to its greeting, which may come while the wire is still being made. */
  #answered: Uint8Array | undefined;
  #coding: Coding = 'b64';
  #outgoing: Coding = 'b64';
  #next = 1;
  #ended: Problem | undefined;
  #heardAt = Date.now();
  #ping: NodeJS.Timeout | undefined;
  #settleReady: () => void = () => undefined;
  #settleOver: (why: Problem) => void = () => undefined;

  private constructor(name: string) {
    this.#hello = new Hello(name);
    this.#ready = new Promise((resolve) => (this.#settleReady = resolve));
    this.over = new Promise((resolve) => (this.#settleOver = resolve));
  }

  /** Connects to our program inside. Throws a problem where that cannot be done. */
  static async open(connect: OpenWire, signal: AbortSignal): Promise<Mux> {
    const name = crypto.randomUUID();
    const mux = new Mux(name);
    const events = {
      bytes: (bytes: Uint8Array) => mux.#take(bytes),
      closed: () => mux.#end(broken('The connection to the sandbox was closed.')),
    };
    const timer = setTimeout(() => mux.#end(broken('The program inside does not answer.')), readyWithinMs);
    const cancel = () => mux.#end(problem('aborted', 'It was cancelled.'));
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const wire = await connect(name, events, signal);
      mux.#wire = wire;
      if (mux.#answered !== undefined) await wire.send(mux.#answered);
      const failed = await Promise.race([mux.#ready, mux.over]);
      if (failed !== undefined) throw new AirlockError(failed);
      mux.#ping = setInterval(() => mux.#beat(), pingEachMs).unref();
      return mux;
    } catch (error) {
      mux.#end(problemOf(error, 'unreachable'));
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    }
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  /** How bytes go and come: `raw`, or `b64` where the wire is not byte-exact. */
  get coding(): string {
    return this.#coding === this.#outgoing ? this.#coding : `${this.#outgoing} in, ${this.#coding} out`;
  }

  /** Opens a channel; what becomes of it is told through `events`. */
  open(type: 'J' | 'T' | 'L' | 'C' | 'V' | 'K', target: Uint8Array, events: ChannelEvents): MuxChannel {
    const id = this.#next;
    this.#next += 1;
    const channel = new MuxChannel(events, {
      send: (kind, bytes) => this.#send(kind, id, bytes),
      gone: () => this.#channels.delete(id),
    });
    if (this.#ended !== undefined) channel.lost(this.#ended);
    else {
      this.#channels.set(id, channel);
      void this.#send(type, id, target);
    }
    return channel;
  }

  close(): void {
    this.#end(problem('sandbox-gone', 'The connection to the sandbox was closed.', { delivery: 'maybe-sent' }));
  }

  async #send(type: string, channel: number, bytes: Uint8Array): Promise<void> {
    await this.#wire?.send(encodeFrame(this.#outgoing, type, channel, bytes));
  }

  #beat(): void {
    if (Date.now() - this.#heardAt > silenceMs) this.#end(broken('The sandbox does not answer.'));
    else void this.#send('p', 0, new Uint8Array(0));
  }

  #take(bytes: Uint8Array): void {
    this.#heardAt = Date.now();
    try {
      if (this.#hello === undefined) {
        this.#reader.push(bytes);
        return;
      }
      const heard = this.#hello.push(bytes);
      if (heard === undefined) return;
      this.#hello = undefined;
      this.#coding = heard.coding;
      this.#reader.coding = heard.coding;
      this.#answered = greeting(heard.coding);
      void this.#wire?.send(this.#answered);
      if (heard.rest.length > 0) this.#reader.push(heard.rest);
    } catch (error) {
      this.#end(problemOf(error, 'protocol'));
    }
  }

  #hear(frame: Frame): void {
    if (frame.type === 'h') {
      this.#outgoing = Buffer.from(frame.bytes).toString('latin1') === 'raw' ? 'raw' : 'b64';
      this.#settleReady();
    } else if (frame.type !== 'p') this.#channels.get(frame.channel)?.hear(frame);
  }

  #end(why: Problem): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    clearInterval(this.#ping);
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) channel.lost(why);
    this.#wire?.close();
    this.#settleOver(why);
  }
}

function broken(detail: string): Problem {
  return problem('unreachable', detail, { delivery: 'maybe-sent', fix: 'retry' });
}

/** Throws what a channel was lost for. */
export function failWith(why: Problem): never {
  return fail(why.id, why.detail, why);
}
