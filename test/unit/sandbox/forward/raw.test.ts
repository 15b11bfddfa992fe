import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AirlockError, fail } from '../../../../src/core/problem.ts';
import type { Pipe } from '../../../../src/core/sandbox.ts';
import { openRawForward, type RawForwardOptions } from '../../../../src/sandbox/forward/index.ts';
import type { LoopbackListener } from '../../../../src/sandbox/forward/listen.ts';
import { dialHere } from '../../../support/tcpPipe.ts';
import { all, Place } from './place.ts';

describe('the forward for bytes of any protocol', () => {
  const place = new Place();
  afterEach(() => place.clear());

  const open = async (options: RawForwardOptions, dial: typeof dialHere = dialHere): Promise<LoopbackListener> =>
    place.keep(await openRawForward({ dial }, options));
  const dialForward = (forward: LoopbackListener): Socket => place.connect(forward.localPort);
  const serve = place.serve.bind(place);

  it('listens on 127.0.0.1 alone', async () => {
    const forward = await open({ port: 9 });
    const other = connect({ host: '127.0.0.2', port: forward.localPort });
    const [error] = (await once(other, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('keeps half-closed connections: an answer that starts after the question has ended', async () => {
    const port = await serve((socket) => {
      let length = 0;
      socket.on('data', (bytes) => (length += bytes.length));
      socket.on('end', () => socket.end(`got ${length}`));
    });
    const socket = dialForward(await open({ port }));
    socket.end('x'.repeat(1_000_000));
    assert.equal(await all(socket), 'got 1000000');
  });

  it('reads no faster from the sandbox than the client takes', async () => {
    let given = 0;
    const endless: Pipe = {
      read: (async function* () {
        for (;;) {
          given += 1;
          yield await Promise.resolve(Buffer.alloc(1024 * 1024));
        }
      })(),
      write: () => Promise.resolve(),
      end: () => Promise.resolve(),
      destroy: () => undefined,
    };
    const socket = dialForward(await open({ port: 1 }, () => Promise.resolve(endless)));
    await once(socket, 'readable');
    for (let turn = 0; turn < 2000; turn += 1) await nextTurn();
    assert.ok(given < 32, `${given} MB were taken for a client that reads nothing`);
  });

  it('resets the connection where nothing listens inside', async () => {
    const forward = await open({ port: 9 }, () => fail('not-found', 'Nothing listens there.'));
    const socket = dialForward(forward);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
  });

  it('stops dialling for a client that has left, and drops the inner side of one that vanishes', async () => {
    const dialled = Promise.withResolvers<AbortSignal>();
    const first = await open({ port: 9 }, (_, signal) => {
      dialled.resolve(signal);
      return new Promise(() => undefined);
    });
    const leaving = dialForward(first);
    const signal = await dialled.promise;
    leaving.resetAndDestroy();
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });

    const inner = Promise.withResolvers<Socket>();
    const port = await serve((socket) => {
      inner.resolve(socket);
    });
    const vanishing = dialForward(await open({ port }));
    vanishing.write('x');
    const socket = await inner.promise;
    socket.on('error', () => undefined).resume();
    const ended = once(socket, 'end');
    vanishing.resetAndDestroy();
    await ended;
    socket.destroy();
  });

  it('closes with the session: listener and connections', async () => {
    const session = new AbortController();
    const port = await serve((socket) => socket.pipe(socket));
    const forward = await open({ port, signal: session.signal });
    const socket = dialForward(forward);
    socket.write('x');
    await once(socket, 'data');
    socket.on('error', () => undefined);
    const closed = once(socket, 'end');
    session.abort();
    await closed;
    const [error] = (await once(dialForward(forward), 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
    await forward.close();
  });

  it('says when the wished port is taken', async () => {
    const forward = await open({ port: 9 });
    await assert.rejects(
      open({ port: 9, localPort: forward.localPort }),
      (error) => error instanceof AirlockError && error.problem.id === 'bad-input',
    );
  });
});
