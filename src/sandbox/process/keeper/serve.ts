import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { LineReader, line, protocolVersion, type KeeperConfig, type KeeperReply, type KeeperRequest } from '../wire.ts';
import type { Held } from './held.ts';

const mostLine = 4096;
/** Time for last answers to leave before the keeper ends. */
const leaveMs = 50;
/** Whoever asked for the sandbox comes at once, or has died and left no trace of it: nobody else knows this keeper. */
const firstClientMs = 15_000;

/** Listens for clients, counts them, and ends sandbox and keeper when none was there for the agreed time. */
export async function serveClients(config: KeeperConfig, held: Held): Promise<void> {
  const clients = new Set<Socket>();
  let alone: NodeJS.Timeout | undefined;
  const leave = () => {
    rmSync(config.socket, { force: true });
    rmSync(config.moved, { force: true });
    setTimeout(() => process.exit(0), leaveMs);
  };
  const giveUp = () => void held.stop().then(leave);
  const count = () => {
    clearTimeout(alone);
    if (clients.size === 0) alone = setTimeout(giveUp, config.keepAliveMs);
  };
  const status = (reply: 'hello' | 'status'): KeeperReply => ({
    v: protocolVersion,
    reply,
    incarnation: config.incarnation,
    supervisor: config.moved,
    clients: clients.size,
    child: held.child,
  });

  const obey = (client: Socket, request: KeeperRequest) => {
    if (request.verb === 'hello') {
      clients.add(client);
      count();
      client.write(line(status('hello')));
    } else if (request.verb === 'status') {
      client.end(line(status('status')));
    } else if (isStop(request)) {
      void held.stop().then((verified) => client.end(line({ v: protocolVersion, reply: 'stopped', verified }), leave));
    } else {
      client.end(line({ v: protocolVersion, reply: 'refused', why: 'unknown verb' }));
    }
  };

  const server = createServer((client) => {
    const reader = new LineReader(mostLine);
    client.on('error', () => client.destroy());
    client.on('close', () => {
      if (clients.delete(client)) count();
    });
    client.on('data', (chunk: Buffer) => {
      try {
        for (let rest: Uint8Array = chunk; rest.length > 0;) {
          const taken = reader.push(rest);
          if (taken === undefined) return;
          obey(client, JSON.parse(taken.line) as KeeperRequest);
          rest = taken.rest;
        }
      } catch {
        client.destroy();
      }
    });
  });
  void held.ended.then(() => {
    for (const client of clients) client.end(line({ v: protocolVersion, reply: 'ended', why: 'the sandbox ended' }));
    leave();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.socket, resolve);
  });
  chmodSync(config.socket, 0o600);
  alone = setTimeout(giveUp, firstClientMs);
}

/** What comes over a socket may be a verb of a later version. */
function isStop(request: { readonly verb: string }): boolean {
  return request.verb === 'stop';
}
