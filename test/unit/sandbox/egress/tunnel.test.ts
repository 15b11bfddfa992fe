import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from '../../../../src/sandbox/process/inside/relay.ts';
import { EgressProxy } from '../../../../src/sandbox/egress/proxy.ts';
import type { Outside } from '../../../../src/sandbox/egress/outside.ts';
import { ListGate } from '../../../support/network/gate.ts';
import { drain, fill, socketPair } from '../../../support/socketPair.ts';

const open: Socket[] = [];
const pair = async () => {
  const made = await socketPair();
  open.push(...made);
  return made;
};

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

describe('a tunnel through the proxy', () => {
  const gate = new ListGate('a.example.com:9000');
  /** A program, the proxy's end of its connection, and the server that it reaches. */
  const joined = async (): Promise<{ program: Socket; inner: Socket; server: Socket }> => {
    const [program, inner] = await pair();
    const [upstream, server] = await pair();
    const outside: Outside = {
      resolve: () => Promise.resolve(['93.184.216.34']),
      dial: () => Promise.resolve(upstream),
      own: () => new Set(),
    };
    new EgressProxy(gate, outside).serve(inner);
    program.write('CONNECT a.example.com:9000 HTTP/1.1\r\n\r\n');
    const [head] = (await once(program, 'data')) as [Buffer];
    assert.match(head.toString(), /^HTTP\/1\.1 200 .*\r\n\r\n$/s);
    program.pause();
    return { program, inner, server };
  };

  it('gives a slow reader all that a server sent before it left', async () => {
    const { program, inner, server } = await joined();
    program.write('hello');
    program.end();
    server.resume();
    await once(server, 'end');
    const sent = await fill(server, inner);
    server.end();
    await once(server, 'close');
    assert.equal(await drain(program), sent);
  });

  it('ends both where one is cut off', async () => {
    const { program, server } = await joined();
    server.resume();
    program.resetAndDestroy();
    await once(server, 'end');
  });
});

describe('the relay inside', () => {
  for (const direction of ['to the program', 'from the program'] as const) {
    it(`delivers all of what was sent ${direction} before the sender left`, async () => {
      const [sender, near] = await pair();
      const [far, reader] = await pair();
      if (direction === 'to the program') join(near, far);
      else join(far, near);
      reader.end();
      sender.resume();
      await once(sender, 'end');
      const sent = await fill(sender, far);
      sender.end();
      await once(sender, 'close');
      assert.equal(await drain(reader), sent);
    });
  }
});
