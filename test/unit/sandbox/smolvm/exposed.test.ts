import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { ExposedPorts } from '../../../../src/sandbox/smolvm/exposed.ts';
import { dialHere } from '../../../support/tcpPipe.ts';

/** A server of loopback that answers with a word and hangs up. */
async function saying(word: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.end(word)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function heardAt(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  await once(socket, 'close').catch(() => undefined);
  return heard;
}

describe('the ports of a microVM that the settings expose', () => {
  it('are reached at the same ports here until it is let go of; one that is taken is left alone, and that is said', async () => {
    const [inside, free, other] = await Promise.all([saying('inside'), saying(''), saying('other')]);
    free.server.close();
    await once(free.server, 'close');
    const log: string[] = [];
    const asked: number[] = [];
    const dial = (port: number, signal: AbortSignal) => {
      asked.push(port);
      return dialHere(inside.port, signal);
    };
    const exposed = new ExposedPorts({ dial }, (line) => log.push(line));
    await exposed.open([other.port, free.port]);
    assert.equal(await heardAt(free.port), 'inside');
    assert.equal(await heardAt(other.port), 'other');
    assert.deepEqual(asked, [free.port]);
    assert.deepEqual(log, [
      `port ${other.port} inside is not exposed: Port ${other.port} of this machine is taken.`,
      `port ${free.port} inside is reached at 127.0.0.1:${free.port}`,
    ]);
    await exposed.close();
    await assert.rejects(once(connect(free.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
    for (const { server } of [inside, other]) server.close();
  });
});
