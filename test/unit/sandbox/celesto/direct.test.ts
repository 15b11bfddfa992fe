import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { AirlockError, problem, type ErrorId } from '../../../../src/core/problem.ts';
import { type Begin, dialDirect } from '../../../../src/sandbox/celesto/direct/connection.ts';
import { overdraft, startCredit } from '../../../../src/sandbox/celesto/direct/pieces.ts';
import type { TalkEvents } from '../../../../src/sandbox/celesto/direct/talk.ts';
import { present } from '../../../support/present.ts';

const never = new AbortController().signal;
const isProblem = (id: ErrorId) => (error: unknown) => error instanceof AirlockError && error.problem.id === id;

/** What a script inside would be: says what a test has it say, and notes what it is told. */
class Inside {
  readonly told: string[] = [];
  events: TalkEvents | undefined;
  closed = 0;
  readonly begin: Begin = (_, events) => {
    this.events = events;
    const end = (id: ErrorId, detail: string) => {
      this.closed += 1;
      if (this.closed === 1) events.closed(problem(id, detail));
    };
    return {
      send: (text) => Promise.resolve(void this.told.push(text)),
      close: () => end('sandbox-lost', 'It was closed.'),
      damaged: (detail) => end('protocol', detail),
    };
  };

  says(word: string, number?: number): void {
    present(this.events).word({ word, number });
  }

  gives(bytes: number): void {
    present(this.events).data(Buffer.alloc((bytes / 4) * 3), bytes);
  }

  async opened(credit = 100_000) {
    const dialled = dialDirect(this.begin, 80, never);
    this.says('o', credit);
    return await dialled;
  }

  /** Lengths of the pieces that were sent. */
  get pieces(): number[] {
    return this.told.flatMap((text) => (text.startsWith('d ') ? [Number(text.slice(2, text.indexOf('\n')))] : []));
  }
}

/** Lets everything that can go on do so. */
async function settle(): Promise<void> {
  for (let at = 0; at < 20; at += 1) await turn();
}

describe('a connection over a terminal of its own', () => {
  it('is refused in a word', async () => {
    for (const [word, id] of [
      ['r', 'not-found'],
      ['u', 'unsupported'],
      ['c', 'protocol'],
    ] as const) {
      const inside = new Inside();
      const dialled = dialDirect(inside.begin, 80, never);
      inside.says(word);
      await assert.rejects(dialled, isProblem(id));
      assert.ok(inside.closed > 0, 'its terminal is given back');
    }
  });

  it('sends no more than it was granted, and goes on once it was granted more', async () => {
    const inside = new Inside();
    const pipe = await inside.opened(32_768);
    const written = pipe.write(Buffer.alloc(36_000));
    await settle();
    assert.deepEqual(inside.pieces, [16_000, 16_000]);
    inside.says('c', 16_016);
    await written;
    assert.deepEqual(inside.pieces, [16_000, 16_000, 16_000]);
    await pipe.end();
    assert.equal(inside.told.at(-1), 'e\n');
  });

  it('grants more only when what came was read', async () => {
    const inside = new Inside();
    const pipe = await inside.opened();
    for (let at = 0; at < 4; at += 1) inside.gives(startCredit / 4);
    await settle();
    assert.deepEqual(inside.told, []);
    const read = pipe.read[Symbol.asyncIterator]();
    await read.next();
    assert.deepEqual(inside.told, [`c ${startCredit / 4}\n`]);
    inside.says('e');
    for (let at = 0; at < 3; at += 1) assert.equal((await read.next()).done, false);
    assert.equal((await read.next()).done, true);
  });

  it('is given up where more comes than was granted', async () => {
    const inside = new Inside();
    const pipe = await inside.opened();
    inside.gives(startCredit + overdraft + 4);
    assert.equal(inside.closed, 1);
    await assert.rejects(Promise.resolve(pipe.read[Symbol.asyncIterator]().next()), isProblem('protocol'));
  });

  it('lets a writer go where nothing is taken any more', async () => {
    for (const end of ['f', 'x', 'closed'] as const) {
      const inside = new Inside();
      const pipe = await inside.opened(0);
      const written = pipe.write(Buffer.alloc(100));
      await settle();
      if (end === 'closed') present(inside.events).closed(problem('sandbox-lost', 'It broke.'));
      else inside.says(end);
      await written;
      await pipe.write(Buffer.alloc(100));
      assert.deepEqual(inside.pieces, []);
      if (end === 'f') assert.deepEqual(inside.told, ['e\n']);
    }
  });

  it('ends its input once, however often it is told that nothing is taken any more', async () => {
    const inside = new Inside();
    const pipe = await inside.opened();
    for (let at = 0; at < 1000; at += 1) inside.says('f');
    await pipe.end();
    assert.deepEqual(inside.told, ['e\n']);
  });

  it('ends with what broke it, behind what came before', async () => {
    const inside = new Inside();
    const pipe = await inside.opened();
    inside.gives(400);
    present(inside.events).closed(problem('sandbox-lost', 'It broke.'));
    const read = pipe.read[Symbol.asyncIterator]();
    assert.equal((await read.next()).done, false);
    await assert.rejects(Promise.resolve(read.next()), isProblem('sandbox-lost'));
  });

  it('is cancelled before it is there', async () => {
    for (const first of [true, false]) {
      const inside = new Inside();
      const controller = new AbortController();
      if (first) controller.abort();
      const dialled = dialDirect(inside.begin, 80, controller.signal);
      controller.abort();
      await assert.rejects(dialled, isProblem('aborted'));
      assert.ok(inside.closed > 0);
    }
  });
});
