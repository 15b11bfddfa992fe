import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Exec, ExecRequest, Outcome } from '../../../../src/core/sandbox.ts';
import { endMarked } from '../../../../src/sandbox/celesto/terminal/endMarked.ts';

const exited: Outcome = { kind: 'exited', code: 0 };
const stopped: Outcome = { kind: 'stopped', by: 'abort', killed: 'group' };

/** A command that says that and ends like that; without an end it goes on until it is aborted. */
function saying(said: string, end?: Outcome): { exec: (request: ExecRequest) => Exec; asked: ExecRequest[] } {
  const asked: ExecRequest[] = [];
  const exec = (request: ExecRequest): Exec => {
    asked.push(request);
    const aborted = new Promise<Outcome>((resolve) =>
      request.signal?.addEventListener('abort', () => resolve(stopped), { once: true }),
    );
    const outcome = end === undefined ? aborted : Promise.resolve(end);
    async function* output(): AsyncGenerator<{ fd: 1; bytes: Uint8Array }> {
      yield { fd: 1, bytes: Buffer.from(said) };
      await outcome;
    }
    return { op: request.op, output: output(), outcome, interrupt: () => Promise.resolve() };
  };
  return { exec, asked };
}

const relay = ['perl', '/r.pl'];

describe('the end of what runs in a hosted terminal', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('is certain where our program saw that none is left, and only then', async () => {
    assert.equal(await endMarked(saying('.dead\n', exited).exec, relay, 'MARK=1'), true);
    assert.equal(await endMarked(saying('.alive\n', exited).exec, relay, 'MARK=1'), false);
    assert.equal(await endMarked(saying('', exited).exec, relay, 'MARK=1'), false);
    assert.equal(await endMarked(saying('.dead\n', stopped).exec, relay, 'MARK=1'), false);
  });

  it('is given up inside after twenty seconds', async () => {
    const { exec, asked } = saying('.dead\n', exited);
    await endMarked(exec, relay, 'MARK=1');
    assert.deepEqual(
      asked.map(({ run, deadlineMs }) => [run, deadlineMs]),
      [[{ argv: [...relay, 'dead', 'MARK=1'] }, 20_000]],
    );
  });

  it('is waited for no longer than forty seconds where the computer does not answer', async () => {
    const { exec, asked } = saying('');
    let answer: boolean | undefined;
    const ending = endMarked(exec, relay, 'MARK=1').then((dead) => (answer = dead));
    mock.timers.tick(39_999);
    await new Promise(setImmediate);
    assert.deepEqual([answer, asked[0]?.signal?.aborted], [undefined, false]);
    mock.timers.tick(1);
    await ending;
    assert.deepEqual([answer, asked[0]?.signal?.aborted], [false, true]);
  });
});
