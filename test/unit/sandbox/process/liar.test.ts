import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { guestPath } from '../../../../src/core/paths.ts';
import { AirlockError } from '../../../../src/core/problem.ts';
import type { Exec, ExecRequest, Outcome } from '../../../../src/core/sandbox.ts';
import { dial } from '../../../../src/sandbox/process/dial.ts';
import { attachExec, startExec, type Ground } from '../../../../src/sandbox/process/exec.ts';
import { ping } from '../../../../src/sandbox/process/link.ts';
import { watchListeners } from '../../../../src/sandbox/process/listeners.ts';
import { StatusBoard } from '../../../../src/sandbox/common/statusBoard.ts';
import { openTerminal } from '../../../../src/sandbox/process/terminal.ts';
import { frame, frameHeader } from '../../../../src/sandbox/process/wire.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import { flood, startLiar, type Liar, type Lie } from '../../../support/process/liar.ts';
import { eventually } from '../../../support/vscode/eventually.ts';

const never = new AbortController().signal;
const mib = 1024 * 1024;
const silent: Lie = (socket) => socket.resume();

/** A frame of any kind with any bytes in it. */
function framed(kind: number, body: string | Uint8Array): Buffer {
  return Buffer.concat([frameHeader(kind, body.length), Buffer.from(body)]);
}

const told = (message: unknown) => framed(frame.event, JSON.stringify(message));
const started = told({ event: 'started' });
const says =
  (...parts: readonly Uint8Array[]): Lie =>
  (socket) =>
    socket.resume().write(Buffer.concat(parts));

describe('a supervisor that lies', () => {
  const liars: Liar[] = [];
  const putDown: string[] = [];
  afterEach(async () => {
    await Promise.all(liars.splice(0).map((liar) => liar.close()));
    putDown.length = 0;
  });

  /** A sandbox whose supervisor lies; whether its end from outside can be verified is the test's to say. */
  async function groundOf(lie: Lie, verified = true): Promise<Ground & { readonly socket: string; liar: Liar }> {
    const liar = await startLiar(lie);
    liars.push(liar);
    const end = (why: string) => {
      putDown.push(why);
      return Promise.resolve(verified);
    };
    return { liar, socket: liar.socket, putDown: end, stoppedByUs: () => false };
  }

  function start(ground: Ground, more: Partial<ExecRequest> = {}): Exec {
    const run = { shell: 'true' };
    return startExec(ground, { op: mintId('op'), run, cwd: guestPath('/workspace'), onLinkLoss: 'kill', ...more });
  }

  /** What a reader gets of a command, and how it ended. */
  async function whole(exec: Exec): Promise<{ text: string; outcome: Outcome }> {
    const parts: Uint8Array[] = [];
    for await (const { bytes } of exec.output) parts.push(bytes);
    return { text: Buffer.concat(parts).toString(), outcome: await exec.outcome };
  }

  const nonsense: Readonly<Record<string, readonly Uint8Array[]>> = {
    'random bytes': [Buffer.from([0xff]), randomBytes(65_536)],
    'an unknown kind of frame': [started, framed(7, 'x')],
    'a frame that only clients send': [started, framed(frame.control, '{"do":"abort"}')],
    'input of its own': [started, framed(frame.input, 'rm -rf')],
    'a frame of four gibibytes': [started, frameHeader(frame.out, 0xffff_ffff)],
    'an event of sixteen mebibytes': [started, frameHeader(frame.event, 16 * mib)],
    'an event that is no JSON': [started, framed(frame.event, '{"event":')],
    'an event that nobody knows': [started, told({ event: 'promoted' })],
    'an answer to another question': [started, told({ event: 'listeners', list: [] })],
    'an exit code that is none': [started, told({ event: 'exited', code: 4096 })],
    'an exit code with the name of a success': [started, told({ event: 'exited', code: '0' })],
    'a signal with terminal sequences': [started, told({ event: 'signaled', signal: 'SIG\u001b[31m' })],
  };
  for (const [name, parts] of Object.entries(nonsense)) {
    it(`that sends ${name}: the outcome is unknown`, async () => {
      const { outcome } = await whole(start(await groundOf(says(...parts))));
      assert.equal(outcome.kind, 'unknown');
      assert.equal(outcome.problem.delivery, 'maybe-sent', 'never to be run again by itself');
    });
  }

  for (const [name, parts] of Object.entries({ 'without a word': [], 'after a promise': [started] })) {
    it(`that hangs up ${name}: the outcome is unknown`, async () => {
      const { outcome } = await whole(start(await groundOf((socket) => socket.resume().end(Buffer.concat(parts)))));
      assert.equal(outcome.kind, 'unknown');
    });
  }

  it('that hangs up while a terminal is opened: it may be open', async () => {
    const ground = await groundOf((socket) => void socket.once('data', () => socket.end()));
    const request = { cwd: guestPath('/workspace'), cols: 80, rows: 24 };
    const lost = (error: unknown) => error instanceof AirlockError && error.problem.delivery === 'maybe-sent';
    await assert.rejects(openTerminal(ground, request, never), lost);
  });

  it('that goes on after the end: the first end stands', async () => {
    const exited = told({ event: 'exited', code: 3 });
    const more = [told({ event: 'exited', code: 0 }), framed(frame.out, 'too late'), randomBytes(100)];
    const ground = await groundOf(says(started, framed(frame.out, 'in time'), exited, ...more));
    assert.deepEqual(await whole(start(ground)), { text: 'in time', outcome: { kind: 'exited', code: 3 } });
    await eventually(() => Promise.resolve(ground.liar.connections() === 0 || undefined), 'the end of the connection');
  });

  it('that refuses with a hostile sentence: it is cleaned and short', async () => {
    const message = `\u001b]0;pwned\u0007${'x'.repeat(4000)}`;
    const { outcome } = await whole(start(await groundOf(says(told({ event: 'refused', code: 'odd', message })))));
    assert.equal(outcome.kind, 'not-started');
    assert.match(outcome.problem.detail, /^The command could not be started: \?\]0;pwned\?x{200,300} \(odd\)\.$/);
  });

  // Each waits for the time after which a supervisor is given up.
  it('that never answers: what ends from outside is known, what does not is not, and nothing waits for ever', async () => {
    const [ends, stays, mute] = [await groundOf(silent), await groundOf(silent, false), await groundOf(says(started))];
    const asked = { deadlineMs: 1, stdin: endless() };
    const outcomes = await Promise.all([
      whole(start(ends, asked)),
      whole(start(stays, asked)),
      whole(start(mute, { signal: later() })),
      attachExec(ends, mintId('op')),
      assert.rejects(dial(ends.socket, 80, never), /does not answer/),
    ]);
    const [byDeadline, unverified, aborted, attached] = outcomes;
    assert.deepEqual(byDeadline.outcome, { kind: 'stopped', by: 'deadline', killed: 'tree' });
    assert.equal(unverified.outcome.kind, 'unknown');
    assert.deepEqual(aborted.outcome, { kind: 'stopped', by: 'abort', killed: 'tree' });
    assert.equal(attached, 'cannot-know');
    assert.equal(putDown.length, 3);
  });

  it('that does not open a terminal: giving up ends the wait', async () => {
    const ground = await groundOf(silent);
    const request = { cwd: guestPath('/workspace'), cols: 80, rows: 24 };
    await assert.rejects(openTerminal(ground, request, later()), /abort/);
  });

  it('is not alive', async () => {
    for (const lie of [silent, says(randomBytes(1000)), says(started), says(told({ event: 'pong' }))]) {
      assert.equal(await ping((await groundOf(lie)).socket, 200), false);
    }
  });

  it('that answers a dialled port with nonsense: there is no connection', async () => {
    const lies = [randomBytes(1000), frameHeader(frame.event, 5000), frameHeader(frame.event, 0), framed(3, '{')];
    for (const lie of lies) {
      await assert.rejects(dial((await groundOf(says(lie))).socket, 80, never), /does not answer/);
    }
  });

  it('that makes up ports: none is shown', async () => {
    const list = [{ port: 70_000, address: '127.0.0.1' }];
    const ground = await groundOf(says(told({ event: 'listeners', list })));
    const board = new StatusBoard({ state: 'running', incarnation: 'x' });
    for await (const shown of watchListeners(() => ground.socket, board, never)) {
      assert.deepEqual(shown, []);
      break;
    }
  });

  const floods: Readonly<Record<string, Uint8Array>> = {
    'large frames': framed(frame.out, Buffer.alloc(mib)),
    'frames of one byte': Buffer.concat(Array<Buffer>(10_000).fill(framed(frame.out, 'x'))),
    'empty frames': Buffer.concat(Array<Buffer>(10_000).fill(framed(frame.err, ''))),
  };
  for (const [name, piece] of Object.entries(floods)) {
    it(`that floods with ${name}: it is held back while nobody reads`, async () => {
      const most = 16 * mib;
      let taken: (() => number) | undefined;
      const ground = await groundOf((socket) => {
        socket.write(started);
        taken = flood(socket, piece, most);
      });
      const exec = start(ground);
      const stalled = await eventually(async () => {
        const before = taken?.() ?? 0;
        await sleep(300);
        return before > 0 && taken?.() === before ? before : undefined;
      }, 'the flood to be held back');
      assert.ok(stalled < 3 * mib, `${stalled} bytes were taken in`);
      const reader = exec.output[Symbol.asyncIterator]();
      await reader.next();
      await reader.return?.();
      await eventually(
        () => Promise.resolve((taken?.() ?? 0) >= most || undefined),
        'a flood that nobody wants to pass',
      );
    });
  }

  it('that floods with events: they pass, and its end is still seen', async () => {
    let sent: (() => number) | undefined;
    const ground = await groundOf((socket) => (sent = flood(socket, started, 8 * mib)));
    const exec = start(ground);
    await eventually(() => Promise.resolve((sent?.() ?? 0) >= 8 * mib || undefined), 'all events');
    await Promise.all(liars.splice(0).map((liar) => liar.close()));
    assert.equal((await exec.outcome).kind, 'unknown');
  });
});

/** Aborts after a moment. */
function later(): AbortSignal {
  return AbortSignal.timeout(100);
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    yield new Uint8Array(65_536);
  }
}
