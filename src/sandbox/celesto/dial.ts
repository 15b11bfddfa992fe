import { AirlockError, problem } from '../../core/problem.ts';
import type { Pipe } from '../../core/sandbox.ts';
import type { Mux } from '../relay/mux/mux.ts';
import type { MuxChannel } from '../relay/mux/muxChannel.ts';
import { OutputQueue } from '../common/outputQueue.ts';
import { connected, type Connecting } from './connecting.ts';

/**
 * Connects to a TCP port on the computer's loopback, 127.0.0.1 first, then ::1, over the one terminal on which our program
 * inside carries all connections. Throws `not-found` where nothing listens.
 */
export async function dial(mux: Mux, port: number, signal: AbortSignal): Promise<Pipe> {
  return await connected(new Connection(mux, port), signal);
}

class Connection implements Connecting {
  readonly ready: Promise<void>;
  readonly pipe: Pipe;
  readonly #channel: MuxChannel;
  readonly #queue = new OutputQueue<{ readonly bytes: Uint8Array }>({
    pause: () => undefined,
    resume: () => undefined,
  });

  constructor(mux: Mux, port: number) {
    let open: () => void = () => undefined;
    let refuse: (error: Error) => void = () => undefined;
    this.ready = new Promise((resolve, reject) => {
      open = resolve;
      refuse = reject;
    });
    this.#channel = mux.open('T', Buffer.from(String(port)), {
      opened: () => open(),
      refused: () => refuse(new AirlockError(problem('not-found', `Nothing listens on port ${port} in the computer.`))),
      data: (bytes) => this.#queue.push({ bytes }),
      ended: () => this.#queue.end(),
      closed: (why) => {
        this.#queue.end();
        refuse(new AirlockError(why ?? problem('sandbox-lost', 'The connection was closed.')));
      },
    });
    this.pipe = {
      read: this.#read(),
      write: (bytes) => this.#channel.write(bytes),
      end: () => this.#channel.end(),
      destroy: () => {
        this.#channel.close();
        this.#queue.end();
      },
    };
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of this.#queue) {
      this.#channel.grant(bytes.length);
      yield bytes;
    }
  }
}
