import { problem } from '../../../core/problem.ts';
import type { Mux } from '../mux/mux.ts';
import type { MuxChannel } from '../mux/muxChannel.ts';
import { inputRecord, record } from './records.ts';
import { brokenBy, type Followed, type Way, type WayEnd } from './way.ts';

const offsetBytes = 8;
const pieceBytes = 32_000;

/**
 * The log and the input of many jobs over one connection. `closed` where there is none. `broken` tells what it means that
 * none can be opened.
 */
export function muxWay(name: string, open: () => Promise<Mux | undefined>, broken = brokenBy): Way {
  const follow = async (job: Followed, begin: boolean): Promise<WayEnd> => {
    let mux: Mux | undefined;
    try {
      mux = await open();
    } catch (error) {
      return { ...broken(error), kind: 'unopened' };
    }
    if (mux === undefined) return { kind: 'closed' };
    return await new Following(mux, job, begin).end;
  };
  return { name, follow };
}

/** One job over one channel, until either is over. */
class Following {
  readonly end: Promise<WayEnd>;
  readonly #job: Followed;
  readonly #channel: MuxChannel;
  readonly #stop = new AbortController();
  #settle: (end: WayEnd) => void = () => undefined;
  /** The first bytes tell the offset in the log of what comes behind them. */
  #head = Buffer.alloc(0);
  #at: number | undefined;
  #over = false;
  #consumed: number;
  #telling = false;

  constructor(mux: Mux, job: Followed, begin: boolean) {
    this.#job = job;
    this.#consumed = Math.max(job.consumed, 0);
    this.end = new Promise((resolve) => (this.#settle = resolve));
    const words = [begin ? 'go' : 'follow', job.op, job.name, String(job.wanted)].join('\0');
    const spec = begin ? (job.spec ?? new Uint8Array(0)) : new Uint8Array(0);
    this.#channel = mux.open('J', Buffer.concat([Buffer.from(`${words}\0`), spec]), {
      opened: (word) => this.#opened(word),
      refused: (word) => this.#refused(word),
      data: (bytes) => this.#data(bytes),
      ended: () => this.#finish({ kind: 'complete' }),
      closed: (why) => {
        const otherwise = problem('unreachable', 'The way to the command broke.', { delivery: 'maybe-sent' });
        this.#finish({ kind: 'broken', problem: why ?? otherwise });
      },
    });
    job.onConsumed(() => this.#consumedMore());
    job.over.addEventListener('abort', () => this.#bye(), { once: true });
  }

  #opened(word: string): void {
    this.#over = word === 'over';
    if (this.#over) this.#job.beginAt(undefined);
    else void this.#feed();
  }

  #refused(word: string): void {
    const known = ['dup', 'none', 'lost', 'failed'] as const;
    const found = known.find((one) => one === word);
    this.#finish(found === undefined ? { kind: 'refused', word: 'failed' } : { kind: 'refused', word: found });
  }

  #data(bytes: Uint8Array): void {
    try {
      let rest = bytes;
      if (this.#over) {
        this.#at ??= Math.max(this.#job.wanted, 0);
      } else if (this.#at === undefined) {
        this.#head = Buffer.concat([this.#head, bytes]);
        if (this.#head.length < offsetBytes) return;
        this.#at = Number(this.#head.readBigUInt64BE(0));
        this.#job.beginAt(this.#at);
        rest = this.#head.subarray(offsetBytes);
        this.#consumed = this.#at;
        this.#channel.grant(offsetBytes);
      }
      this.#job.take(this.#at, rest);
      this.#at += rest.length;
    } catch (error) {
      this.#finish(brokenBy(error));
    }
  }

  /** What was handed to the reader may be forgotten inside, and as much more may come. */
  #consumedMore(): void {
    const { consumed } = this.#job;
    if (consumed <= this.#consumed || this.#at === undefined) return;
    this.#channel.grant(consumed - this.#consumed);
    this.#consumed = consumed;
    void this.#tellConsumed();
  }

  /** One word is on its way at a time: where nothing may be written the newest alone waits. */
  async #tellConsumed(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    for (let told = 0; told < this.#consumed;) {
      told = this.#consumed;
      await this.#channel.write(record('A', String(told)));
    }
    this.#telling = false;
  }

  async #feed(): Promise<void> {
    const { input, over } = this.#job;
    if (input === undefined) return;
    const signal = AbortSignal.any([this.#stop.signal, over]);
    for await (const { offset, bytes } of input.from(input.taken, signal)) {
      for (let at = 0; at < bytes.length && !signal.aborted; at += pieceBytes) {
        await this.#channel.write(inputRecord(offset + at, bytes.subarray(at, at + pieceBytes)));
      }
    }
    if (!signal.aborted && !input.closed) await this.#channel.write(record('Z', String(input.length ?? 0)));
  }

  #bye(): void {
    void this.#channel.write(record('B')).then(() => this.#channel.close());
    this.#finish({ kind: 'complete' });
  }

  #finish(end: WayEnd): void {
    this.#stop.abort();
    this.#settle(end);
    if (!this.#job.over.aborted) this.#channel.close();
  }
}
