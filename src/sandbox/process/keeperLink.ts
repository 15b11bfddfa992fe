import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { unlessLate } from '../../core/unlessLate.ts';
import { LineReader, line, protocolVersion, type KeeperRequest } from './wire.ts';

const answerWithinMs = 3000;
const stopWithinMs = 15_000;
const mostLine = 64 * 1024;

const replySchema = z.discriminatedUnion('reply', [
  z.object({
    v: z.number(),
    reply: z.enum(['hello', 'status']),
    incarnation: z.string(),
    supervisor: z.string(),
    clients: z.number(),
  }),
  z.object({ v: z.number(), reply: z.literal('stopped'), verified: z.boolean() }),
  z.object({ v: z.number(), reply: z.literal('ended'), why: z.string() }),
  z.object({ v: z.number(), reply: z.literal('refused'), why: z.string() }),
]);
type Reply = z.infer<typeof replySchema>;

/** Our presence at a keeper. While it is open the keeper does not count down. */
export interface KeeperLink {
  readonly version: number;
  readonly incarnation: string;
  readonly supervisor: string;
  /** Resolves when the sandbox ended (`told`) or the connection broke. */
  readonly over: Promise<{ told: boolean }>;
  close(): void;
}

/** Says hello to a keeper and stays. Rejects where nothing of a keeper answers. */
export async function joinKeeper(socketPath: string): Promise<KeeperLink> {
  const { socket, next } = await ask(socketPath, 'hello');
  const reply = await unlessLate(next(), answerWithinMs, () => socket.destroy());
  if (reply?.reply !== 'hello') {
    socket.destroy();
    throw new Error('The keeper did not answer.');
  }
  const over = next().then((later) => ({ told: later?.reply === 'ended' }));
  socket.unref();
  return {
    version: reply.v,
    incarnation: reply.incarnation,
    supervisor: reply.supervisor,
    over,
    close: () => socket.destroy(),
  };
}

/** Asks a keeper to end its sandbox. Answers true once the keeper saw it dead. Rejects where no keeper answers. */
export async function stopByKeeper(socketPath: string): Promise<boolean> {
  const { socket, next } = await ask(socketPath, 'stop');
  const reply = await unlessLate(next(), stopWithinMs, () => socket.destroy());
  socket.destroy();
  return reply?.reply === 'stopped' && reply.verified;
}

async function ask(path: string, verb: KeeperRequest['verb']): Promise<Asked> {
  const socket = connect(path);
  const replies = repliesOf(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.write(line({ v: protocolVersion, verb }));
  return { socket, next: replies };
}

interface Asked {
  readonly socket: Socket;
  /** The next reply, or undefined once the connection is over. */
  readonly next: () => Promise<Reply | undefined>;
}

function repliesOf(socket: Socket): () => Promise<Reply | undefined> {
  const reader = new LineReader(mostLine);
  const waiting: ((reply: Reply | undefined) => void)[] = [];
  const come: Reply[] = [];
  let over = false;
  const take = (reply: Reply) => {
    const taker = waiting.shift();
    if (taker === undefined) come.push(reply);
    else taker(reply);
  };
  socket.on('data', (chunk: Uint8Array) => {
    try {
      for (let rest = chunk; rest.length > 0;) {
        const taken = reader.push(rest);
        if (taken === undefined) return;
        take(replySchema.parse(JSON.parse(taken.line)));
        rest = taken.rest;
      }
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    over = true;
    for (const taker of waiting.splice(0)) taker(undefined);
  });
  return () => {
    const reply = come.shift();
    if (reply !== undefined || over) return Promise.resolve(reply);
    return new Promise((resolve) => waiting.push(resolve));
  };
}
