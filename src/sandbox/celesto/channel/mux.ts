import { AirlockError, fail, problem, problemOf, type Problem } from '../../../core/problem.ts';
import { type Coding, encodeFrame, type Frame, FrameReader } from './frames.ts';
import { Gateway, type GatewayParts } from './gateway.ts';
import { greeting, Hello } from './handshake.ts';
import { MuxChannel, type ChannelEvents } from './muxChannel.ts';

const readyWithinMs = 20_000;
const pingEachMs = 20_000;
/** Without any sign of the other side for so long the connection counts as broken. */
const silenceMs = 75_000;
/** A wide terminal: what the shell echoes of our line stays in one piece. */
const size = { cols: 1000, rows: 24 };

/**
 * Many connections over one terminal in raw mode: jobs, ports, lists of ports. Made once for a computer and kept warm.
 */
export class Mux {
  /** Resolves when it is of no use any more. */
  readonly over: Promise<Problem>;
  readonly #channels = new Map<number, MuxChannel>();
  readonly #reader = new FrameReader((frame) => this.#hear(frame));
  readonly #ready: Promise<void>;
  #gateway: Gateway | undefined;
  #hello: Hello | undefined;
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

  /** Opens a terminal and starts our program in it. Throws a problem where that cannot be done. */
  static async open(parts: GatewayParts, relay: string, signal: AbortSignal): Promise<Mux> {
    const name = crypto.randomUUID();
    const mux = new Mux(name);
    const events = {
      bytes: (bytes: Uint8Array) => mux.#take(bytes),
      closed: () => mux.#end(broken('The terminal of the computer was closed.')),
    };
    const timer = setTimeout(() => mux.#end(broken('The shell of the computer does not answer.')), readyWithinMs);
    const cancel = () => mux.#end(problem('aborted', 'It was cancelled.'));
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const gateway = await Gateway.open(parts, events, signal);
      mux.#gateway = gateway;
      gateway.resize(size.cols, size.rows);
      await gateway.send(
        Buffer.from(` exec sh -c 'stty raw -echo -iexten 2>/dev/null; exec perl ${relay} mux ${name}'\r`),
      );
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

  /** How bytes go and come: `raw`, or `b64` where the gateway is not byte-exact. */
  get coding(): string {
    return this.#coding === this.#outgoing ? this.#coding : `${this.#outgoing} in, ${this.#coding} out`;
  }

  /** Opens a channel; what becomes of it is told through `events`. */
  open(type: 'J' | 'T' | 'L', target: Uint8Array, events: ChannelEvents): MuxChannel {
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
    this.#end(problem('sandbox-gone', 'The connection to the computer was closed.', { delivery: 'maybe-sent' }));
  }

  async #send(type: string, channel: number, bytes: Uint8Array): Promise<void> {
    await this.#gateway?.send(encodeFrame(this.#outgoing, type, channel, bytes));
  }

  #beat(): void {
    if (Date.now() - this.#heardAt > silenceMs) this.#end(broken('The computer does not answer.'));
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
      void this.#gateway?.send(greeting(heard.coding));
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
    this.#gateway?.detach();
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
