import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Api } from '../../../../src/sandbox/celesto/api/client.ts';
import { Talk } from '../../../../src/sandbox/celesto/direct/talk.ts';

/** A terminal whose script begins and then reads nothing any more. */
class DeafTerminal {
  readonly #server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  async api(): Promise<Api> {
    this.#server.on('connection', (socket) => this.#begin(socket));
    await once(this.#server, 'listening');
    const gateway_url = `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const terminal = () => Promise.resolve({ terminal_id: 'one', gateway_url, token: 'a token' });
    return { terminal } as unknown as Api;
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #begin(socket: WebSocket): void {
    socket.on('message', (data: Buffer) => {
      const name = /AIRLOCK_TERMINAL=([0-9a-f-]+)/.exec(data.toString())?.[1];
      if (name === undefined) return;
      socket.send(`AIRLOCK-DIRECT ${name}\n\n.o\n`);
      socket.pause();
    });
  }
}

describe('a script that has a terminal to itself', function () {
  this.timeout(60_000);

  it('is ended by its mark where it reads nothing any more', async () => {
    const terminal = new DeafTerminal();
    const dispatcher = new Agent();
    try {
      const api = await terminal.api();
      const begun = Promise.withResolvers<undefined>();
      const ended = Promise.withResolvers<string>();
      const endMarked = (mark: string) => Promise.resolve(true).finally(() => ended.resolve(mark));
      const events = { word: () => begun.resolve(undefined), data: () => undefined, closed: () => undefined };
      const talk = new Talk({ api, computer: 'one', dispatcher, endMarked }, { text: '', seconds: 1 }, events);
      await begun.promise;
      const sending = talk.send('x'.repeat(32 * 1024 * 1024));
      talk.close();
      assert.match(await ended.promise, /^AIRLOCK_TERMINAL=/);
      await sending;
    } finally {
      terminal.close();
      await dispatcher.destroy();
    }
  });
});
