import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ExecEvent } from './exec.ts';
import type { Knobs, StreamStyle } from './knobs.ts';
import { Refusal, refusal } from './refusals.ts';

/** What a route answers: a body, or the events of a running command. */
export type Reply =
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly events: AsyncIterable<ExecEvent> };

/** How an answer gets lost on its way. */
export type Loss = 'whole' | 'half' | 'end' | undefined;

/** The answer to what a handler threw. */
export function replyTo(error: unknown): Reply {
  const { status, body, headers } = error instanceof Refusal ? error : refusal(500, 'Internal Server Error');
  return { status, body, headers };
}

/** How an answer is written. */
export interface Manner extends Pick<Knobs, 'streamStyle' | 'pieceBytes'> {
  readonly loss: Loss;
  /** Told before each piece. */
  readonly moved: () => void;
}

/** Cuts an answer in which nothing moves for so long, from its request on. The result is to be told of what moves. */
export function cutWhenIdle(response: ServerResponse, idleMs: number): () => void {
  if (idleMs === 0) return () => undefined;
  const timer = setTimeout(() => void response.destroy(), idleMs);
  response.once('close', () => clearTimeout(timer));
  return () => void timer.refresh();
}

/** Writes an answer, or as much of it as the loss leaves. */
export async function write(response: ServerResponse, reply: Reply, manner: Manner): Promise<void> {
  const { loss, pieceBytes, moved } = manner;
  const send = async (bytes: Buffer) => {
    const step = pieceBytes || bytes.length;
    for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
      moved();
      await new Promise<void>((resolve) => response.write(bytes.subarray(at, at + step), () => resolve()));
    }
  };
  if ('events' in reply) await writeEvents(response, reply.events, manner, send);
  else if (loss === 'whole') response.destroy();
  else await writeBody(response, reply, loss, send);
}

type Send = (bytes: Buffer) => Promise<void>;
type Body = Exclude<Reply, { events: unknown }>;

async function writeBody(response: ServerResponse, { status, body, headers }: Body, loss: Loss, send: Send) {
  const isText = typeof body === 'string';
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  response.writeHead(status, {
    'content-type': isText ? 'text/html' : 'application/json',
    'content-length': bytes.length,
    'x-request-id': randomUUID(),
    ...headers,
  });
  await send(loss === undefined ? bytes : bytes.subarray(0, bytes.length >> 1));
  if (loss === undefined) response.end();
  else response.destroy();
}

/** The command is followed to its end also when nobody reads any more. */
async function writeEvents(
  response: ServerResponse,
  events: AsyncIterable<ExecEvent>,
  { streamStyle, loss }: Manner,
  send: Send,
): Promise<void> {
  const lost = loss === 'whole';
  if (!lost) {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-request-id': randomUUID(),
    });
    response.flushHeaders();
  }
  for await (const event of events) {
    const last = event.type === 'exit';
    if (lost || response.destroyed || (last && loss !== undefined)) continue;
    await send(Buffer.from(textOf(event, streamStyle)));
  }
  if (lost || loss === 'half') response.destroy();
  else response.end();
}

function textOf(event: ExecEvent, style: StreamStyle): string {
  if (event.type === 'started' && !style.started) return '';
  const plain = JSON.stringify(style.typed ? event : legacy(event));
  const json = style.ascii ? plain.replace(/[\u007f-\uffff]/g, escaped) : plain;
  const lines = style.comments ? [': keep-alive', `event: ${event.type}`, `data: ${json}`] : [`data: ${json}`];
  return [...lines, ...(style.blankLines ? [''] : []), ''].join(style.crlf ? '\r\n' : '\n');
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The form without `type`, which older services wrote. */
function legacy(event: ExecEvent): Record<string, unknown> {
  const { type, ...rest } = event;
  return type === 'stdout' || type === 'stderr' ? { [type]: event.data } : rest;
}
