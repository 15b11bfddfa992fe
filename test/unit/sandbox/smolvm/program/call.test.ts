import assert from 'node:assert/strict';
import { z } from 'zod';
import { thisMachine } from '../../../../../src/host/spawn.ts';
import { call, dataOf, type Found } from '../../../../../src/sandbox/smolvm/program/call.ts';
import { onlyOnLinux } from '../../../../support/commands/results.ts';
import { envelope, standIn, type Answer, type StandIn } from '../../../../support/smolvm/standIn.ts';

const shape = z.object({ vm: z.object({ name: z.string() }) });
const right = envelope('sandbox.info', { vm: { name: 'a' } });

describe('a call of the program that runs virtual machines', () => {
  let one: StandIn;
  const log: string[] = [];

  before(function () {
    onlyOnLinux(this);
    one = standIn('smolvm', {});
  });
  after(() => one.remove());
  beforeEach(() => {
    log.length = 0;
  });

  const ask = (answer: Answer, limits: { withinMs?: number; signal?: AbortSignal } = {}) => {
    one.answers({ 'sandbox info a --json': answer });
    const found: Found = { name: 'smolvm', version: '0.0.36', program: one.program };
    const ground = { machine: thisMachine(), log: (line: string) => void log.push(line) };
    return call(ground, found, ['sandbox', 'info', 'a'], shape, { withinMs: 60_000, ...limits });
  };

  it('reads an answer', async () => {
    assert.deepEqual(await ask({ stdout: right }), { kind: 'data', ok: true, data: { vm: { name: 'a' } } });
    assert.deepEqual(log, []);
  });

  it('keeps warnings of the error stream for the log and takes them for nothing else', async () => {
    const stderr = 'WARNING: native helper missing\nWARNING: port 2200 busy, \u001b[31mskipped\u001b[0m\n';
    assert.equal((await ask({ stdout: right, stderr })).kind, 'data');
    assert.deepEqual(log, [
      'smolvm sandbox info: WARNING: native helper missing WARNING: port 2200 busy, [31mskipped[0m',
    ]);
  });

  for (const [what, answer] of Object.entries({
    nothing: {},
    garbage: { stdout: '\u0000\u0001not json at all\n' },
    'half an envelope': { stdout: right.slice(0, right.length / 2) },
    'an envelope and something after it': { stdout: `${right}\ndone` },
    'two envelopes': { stdout: right + right },
    'an envelope without its exit code': { stdout: JSON.stringify({ ok: true, command: 'x', data: {}, error: null }) },
    'data of another shape': { stdout: envelope('sandbox.info', { vm: [] }) },
    'a Python traceback': { stderr: 'Traceback (most recent call last):\n  boom\n', code: 1 },
  } satisfies Record<string, Answer>)) {
    it(`takes nothing for known after ${what}`, async () => {
      const reply = await ask(answer);
      assert.equal(reply.kind === 'unclear' && reply.problem.id, 'protocol');
      assert.equal(reply.kind === 'unclear' && reply.problem.delivery, 'maybe-sent');
    });
  }

  it('takes a whole answer for nothing where a signal ended the program', async () => {
    const reply = await ask({ stdout: right, signal: 'KILL' });
    assert.match(reply.kind === 'unclear' ? reply.problem.detail : '', /ended by SIGKILL/);
  });

  it('ends a program that hangs when its time is over', async () => {
    const reply = await ask({ stdout: right, hangs: true }, { withinMs: 500 });
    assert.equal(reply.kind === 'unclear' && reply.problem.id, 'deadline');
  });

  it('ends a program that hangs when it is cancelled', async () => {
    const reply = await ask({ hangs: true }, { signal: AbortSignal.timeout(300) });
    assert.equal(reply.kind === 'unclear' && reply.problem.id, 'aborted');
  });

  it('takes no more than its bound', async () => {
    const reply = await ask({ stdout: 'x'.repeat(5 * 1024 * 1024) });
    assert.match(reply.kind === 'unclear' ? reply.problem.detail : '', /more than is taken/);
  });

  it('knows that nothing was asked where the program cannot be started', async () => {
    const found: Found = { name: 'smolvm', version: '0.0.36', program: `${one.folder}/not-there` };
    const ground = { machine: thisMachine(), log: () => undefined };
    const reply = await call(ground, found, ['doctor'], z.unknown(), { withinMs: 1000 });
    assert.deepEqual(reply.kind === 'unclear' && [reply.problem.id, reply.problem.delivery], [
      'not-started',
      'never-sent',
    ]);
  });

  it('takes a failure without an error for a refusal without a reason', async () => {
    const bare = await ask({ stdout: envelope('sandbox.info', null, null, 1), code: 1 });
    assert.deepEqual(bare.kind === 'refused' && [bare.refusal.meaning, bare.refusal.code], ['other', 'none']);
    const data = await ask({ stdout: envelope('sandbox.info', { vm: { name: 'a' } }, null, 1), code: 1 });
    assert.deepEqual(data, { kind: 'data', ok: false, data: { vm: { name: 'a' } } });
    assert.throws(() => dataOf(data), /without a reason/);
  });

  it('never shows the words of a refusal, and logs them on one line of bounded length', async () => {
    const message = `sk-secret \u001b[2J${'long\n'.repeat(1000)}`;
    const reply = await ask({ stdout: envelope('sandbox.info', null, { code: 'runtime_error', message }), code: 1 });
    assert.throws(() => dataOf(reply), { message: 'SmolVM refused; the log has its words.' });
    assert.equal(log.length, 1);
    assert.ok((log[0] ?? '').length < 400);
    assert.doesNotMatch(log[0] ?? '', /\p{Cc}/u);
  });
});
