import assert from 'node:assert/strict';
import { mintId } from '../../../../src/shared/ids.ts';
import { Input } from '../../../../src/sandbox/relay/job/input.ts';
import { muxWay } from '../../../../src/sandbox/relay/job/muxWay.ts';
import type { Followed } from '../../../../src/sandbox/relay/job/way.ts';
import { encodeFrame, type Frame, FrameReader } from '../../../../src/sandbox/relay/mux/frames.ts';
import { greeting } from '../../../../src/sandbox/relay/mux/handshake.ts';
import { Mux, type OpenWire, type WireEvents } from '../../../../src/sandbox/relay/mux/mux.ts';
import { eventually } from '../../../conformance/running.ts';

/** The other side of a wire, which answers what a test has it answer. */
class Guest {
  readonly frames: Frame[] = [];
  readonly #reader = new FrameReader((frame) => this.frames.push(frame));
  #events: WireEvents | undefined;
  #greeted = false;

  readonly open: OpenWire = (name, events) => {
    this.#events = events;
    const hello = greeting('raw').subarray('raw\n'.length);
    events.bytes(Buffer.concat([Buffer.from(`AIRLOCK-MUX ${name}\n`), hello]));
    return Promise.resolve({ send: (bytes) => this.#take(bytes), close: () => undefined });
  };

  say(type: string, channel: number, bytes: Uint8Array | string = ''): void {
    this.#events?.bytes(encodeFrame('raw', type, channel, Buffer.from(bytes)));
  }

  of(type: string): readonly Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** Records of this type that were sent to the job. */
  records(type: string): readonly string[] {
    let rest = Buffer.concat(this.of('d').map(({ bytes }) => bytes));
    const found: string[] = [];
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32BE(1);
      if (rest.toString('latin1', 0, 1) === type) found.push(rest.toString('latin1', 5, end));
      rest = rest.subarray(end);
    }
    return found;
  }

  #take(bytes: Uint8Array): Promise<void> {
    if (this.#greeted) this.#reader.push(bytes);
    else {
      this.#greeted = true;
      this.#reader.coding = 'raw';
      this.say('h', 0, 'raw');
    }
    return Promise.resolve();
  }
}

interface Followable extends Followed {
  consumed: number;
  tell: () => void;
}

function jobWith(input?: Input): Followable {
  const job: Followable = {
    op: mintId('op'),
    name: 'me',
    spec: undefined,
    input,
    wide: true,
    over: new AbortController().signal,
    wanted: 0,
    consumed: 0,
    tell: () => undefined,
    onConsumed: (listener) => (job.tell = listener),
    beginAt: () => undefined,
    take: () => undefined,
  };
  return job;
}

describe('a job over a mux whose other side is hostile', () => {
  let guest: Guest;
  let mux: Mux;
  beforeEach(async () => {
    guest = new Guest();
    mux = await Mux.open(guest.open, new AbortController().signal);
  });
  afterEach(() => mux.close());

  const follow = async (job: Followed): Promise<number> => {
    void muxWay('test', () => Promise.resolve(mux)).follow(job, false);
    await eventually(() => Promise.resolve(guest.of('J').length > 0));
    return guest.of('J')[0]?.channel ?? assert.fail();
  };

  it('tells how far it has read by the newest word alone while another is on its way', async () => {
    const job = jobWith();
    const channel = await follow(job);
    guest.say('o', channel, 'live');
    guest.say('d', channel, Buffer.alloc(8));
    // Each is five bytes and its digits: far more than may be written without credit.
    const much = 100_000;
    for (let at = 1; at <= much; at += 1) {
      job.consumed = at;
      job.tell();
      if (at % 100 === 0) await Promise.resolve();
    }
    await eventually(() => Promise.resolve(guest.records('A').at(-1) === String(much)));
    assert.ok(guest.records('A').length < much / 2, String(guest.records('A').length));
  });

  it('sends its input once, however often it is told that it is open', async () => {
    const input = new Input(
      (async function* () {
        yield await Promise.resolve(Buffer.from('only once'));
      })(),
    );
    const channel = await follow(jobWith(input));
    for (let time = 0; time < 5; time += 1) guest.say('o', channel, 'live');
    await eventually(() => Promise.resolve(guest.records('Z').length > 0));
    assert.deepEqual(
      guest.records('I').map((body) => body.slice(8)),
      ['only once'],
    );
    assert.deepEqual(guest.records('Z'), ['9']);
  });
});
