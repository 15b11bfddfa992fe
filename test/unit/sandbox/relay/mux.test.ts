import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LogReader, type LogRecord } from '../../../../src/sandbox/relay/job/log.ts';
import { record, specBytes } from '../../../../src/sandbox/relay/job/records.ts';
import { ask } from '../../../../src/sandbox/relay/mux/asked.ts';
import { eventually } from '../../../conformance/running.ts';
import type { MuxChannel } from '../../../../src/sandbox/relay/mux/muxChannel.ts';
import type { Mux } from '../../../../src/sandbox/relay/mux/mux.ts';
import { mintId, type OpId } from '../../../../src/shared/ids.ts';
import { inEachWithMux } from '../../../support/relay/installed.ts';

/** What comes before the log: where in it that is. */
const headBytes = 8;
/** What may be sent before more is granted. */
const startCredit = 262_144;

/** Somebody who follows a command, and takes no more than the first credit until it is told to. */
class Follower {
  readonly over: Promise<readonly LogRecord[]>;
  readonly #channel: MuxChannel;
  #log = Buffer.alloc(0);
  #takes = false;

  constructor(mux: Mux, target: Uint8Array) {
    let channel: MuxChannel | undefined;
    this.over = new Promise((resolve, reject) => {
      channel = mux.open('J', target, {
        opened: () => undefined,
        refused: (word) => reject(new Error(word)),
        data: (bytes) => {
          this.#log = Buffer.concat([this.#log, bytes]);
          if (this.#takes) channel?.grant(bytes.length);
        },
        ended: () => resolve(this.#records()),
        closed: () => reject(new Error('It was closed.')),
      });
    });
    this.#channel = channel ?? assert.fail();
  }

  get seen(): number {
    return this.#log.length;
  }

  takeAll(): void {
    this.#takes = true;
    this.#channel.grant(this.seen);
  }

  async leave(): Promise<void> {
    await this.#channel.write(record('B'));
    this.#channel.close();
  }

  #records(): readonly LogRecord[] {
    const found: LogRecord[] = [];
    new LogReader((told) => found.push(told)).take(0, this.#log.subarray(headBytes));
    return found;
  }
}

inEachWithMux('the program inside with many connections over one', (row) => {
  const begin = (op: OpId, shell: string) => {
    const spec = specBytes({ argv: ['sh', '-c', shell], cwd: '/', env: {}, keep: false, input: false });
    return new Follower(row.mux, Buffer.concat([Buffer.from(`go\0${op}\0me\0-1\0`), spec ?? assert.fail()]));
  };
  const follow = (op: OpId, name: string) => new Follower(row.mux, Buffer.from(`follow\0${op}\0${name}\0-1\0`));

  it('tells a command of its end that is asked for as soon as it is begun', async () => {
    const op = mintId('op');
    const log = begin(op, 'sleep 515153').over;
    const { refused } = await ask(row.mux, 'C', Buffer.concat([Buffer.from(`${op}\0`), record('Q')]));
    assert.equal(refused, undefined, 'it was heard');
    assert.deepEqual((await log).at(-1), { kind: 'ended', end: { kind: 'stopped', by: 'abort', verified: true } });
  });

  it('says of a command that is over that it is, and of one that never was that there is none', async () => {
    const op = mintId('op');
    assert.deepEqual((await begin(op, 'exit 3').over).at(-1), { kind: 'ended', end: { kind: 'exited', code: 3 } });
    await assert.rejects(begin(op, 'exit 3').over, /dup/);
    const told = async (name: OpId) =>
      (await ask(row.mux, 'C', Buffer.from(`${name}\0${record('K', 'INT').toString()}`))).refused;
    assert.equal(await told(mintId('op')), 'none');
  });

  describe('tells all of a command that wrote more than is read of it', () => {
    const much = 'head -c 900000 /dev/zero; exit 3';
    const end = { kind: 'ended', end: { kind: 'exited', code: 3 } };
    let op: OpId;
    let slow: Follower;
    beforeEach(async () => {
      op = mintId('op');
      slow = begin(op, much);
      await eventually(() => Promise.resolve(slow.seen >= startCredit));
    });

    /** What was told before this was heard and done. */
    const heard = () => ask(row.mux, 'C', Buffer.from(`${op}\0${record('A', '0').toString()}`));

    it('to one who is slow, also once another one who was told has left', async () => {
      const quick = follow(op, 'quick');
      quick.takeAll();
      assert.deepEqual((await quick.over).at(-1), end);
      await quick.leave();
      await heard();
      slow.takeAll();
      assert.equal(lengthOf(await slow.over), 900_000);
      assert.deepEqual((await slow.over).at(-1), end);
    });

    it('to one who comes after another one who left before it was told', async () => {
      await eventually(() => Promise.resolve(existsSync(join(row.installed.folder, 'j', op, 'end'))));
      await slow.leave();
      await heard();
      const next = follow(op, 'next');
      next.takeAll();
      assert.equal(lengthOf(await next.over), 900_000);
      assert.deepEqual((await next.over).at(-1), end);
    });
  });
});

/** Bytes of output in a log. */
function lengthOf(log: readonly LogRecord[]): number {
  return log.reduce((sum, told) => sum + (told.kind === 'output' ? told.bytes.length : 0), 0);
}
