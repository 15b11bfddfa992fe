import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { AirlockError } from '../../../../src/core/problem.ts';
import { openEgress, type OpenEgress } from '../../../../src/sandbox/process/egress.ts';
import { frame, jsonFrame, LineReader, type Event, type Request } from '../../../../src/sandbox/process/wire.ts';
import { ListGate } from '../../../support/network/gate.ts';
import { World } from '../../../support/network/world.ts';

const most = 128;

/** A supervisor of which every word is a lie, or of another version. */
class Supervisor {
  readonly asked: Request['kind'][] = [];
  readonly sockets = new Set<Socket>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'airlock-egress-'));
  readonly #server: Server;

  constructor(answer: (kind: Request['kind'], socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
      const reader = new LineReader();
      socket.once('data', (bytes: Buffer) => {
        const { kind } = JSON.parse(reader.push(bytes)?.line ?? '{}') as Request;
        this.asked.push(kind);
        answer(kind, socket);
      });
    });
  }

  async listen(): Promise<string> {
    const path = join(this.#folder, 's');
    this.#server.listen(path);
    await once(this.#server, 'listening');
    return path;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}

const say = (socket: Socket, event: Event) => socket.write(jsonFrame(frame.event, event));

describe('the way out, with a supervisor that does not play along', () => {
  let supervisor: Supervisor | undefined;
  let egress: OpenEgress | undefined;
  const open = async (answer: (kind: Request['kind'], socket: Socket) => void): Promise<OpenEgress> => {
    supervisor = new Supervisor(answer);
    egress = await openEgress(await supervisor.listen(), new ListGate('a.example.com'), new World());
    return egress;
  };

  afterEach(async () => {
    await egress?.close();
    supervisor?.close();
    egress = undefined;
  });

  it('says what mends it where an older one knows no network', async () => {
    const opening = open((_kind, socket) => {
      say(socket, { event: 'refused', code: 'unsupported', message: 'Unknown request.' });
      socket.end();
    });
    await assert.rejects(opening, (error) => error instanceof AirlockError && error.problem.fix === 'restart-sandbox');
  });

  it('fails where it hangs up or talks nonsense', async () => {
    await assert.rejects(
      open((_kind, socket) => socket.destroy()),
      AirlockError,
    );
    supervisor?.close();
    await assert.rejects(
      open((_kind, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')),
      AirlockError,
    );
  });

  it('makes a bounded number of connections, however many are taken', async () => {
    await open((kind, socket) => say(socket, { event: kind === 'network' ? 'started' : 'connected' }));
    while ((supervisor?.sockets.size ?? 0) < most) await sleep(5);
    for (let at = 0; at < 200; at += 1) await turn();
    assert.equal(supervisor?.asked.filter((kind) => kind === 'way-out').length, most);
  });

  it('leaves nothing open when it is closed', async () => {
    const opened = await open((kind, socket) => say(socket, { event: kind === 'network' ? 'started' : 'connected' }));
    while ((supervisor?.sockets.size ?? 0) < most) await sleep(5);
    await opened.close();
    while ((supervisor?.sockets.size ?? 0) > 0) await sleep(5);
  });
});
