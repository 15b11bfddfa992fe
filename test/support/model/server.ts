import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Answer, answerOf, modelName } from './answer.ts';
import { chatEvents, chatReply } from './chatCompletions.ts';
import { type Conversation, fromChat, fromResponses } from './conversation.ts';
import { responseEvents, responseReply } from './responses.ts';
import type { ModelScript, ModelStep } from './script.ts';

/** A request as it arrived, for tests to look at. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  readonly conversation: Conversation;
}

export interface ModelServer {
  /** Base URL for a client, such as `http://127.0.0.1:4321/v1`. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** How each answer ended, in that order: sent whole, or cut off (the client left, or a scripted fault). */
  readonly ends: readonly ('whole' | 'cut-off')[];
  close(): Promise<void>;
}

export interface ModelServerOptions {
  /** Only this key is let in; absent: any. */
  readonly apiKey?: string;
  /** Default: a free one. */
  readonly port?: number;
}

/**
 * A scripted OpenAI-compatible model on loopback: Responses and Chat Completions, streamed and whole. It knows one
 * model, by the name `recorded-demo`.
 */
export async function startModelServer(script: ModelScript, options: ModelServerOptions = {}): Promise<ModelServer> {
  const requests: SeenRequest[] = [];
  const ends: ('whole' | 'cut-off')[] = [];
  const attempts = new Map<string, number>();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', 'http://model').pathname;
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      refuse(response, 401, 'invalid_api_key', `Incorrect API key provided: ${request.headers.authorization ?? ''}`);
      return;
    }
    if (request.method === 'GET' && path === '/v1/models') {
      json(response, 200, { object: 'list', data: [{ id: modelName, object: 'model', owned_by: 'airlock-tests' }] });
      return;
    }
    const api = request.method === 'POST' ? apis[path] : undefined;
    if (api === undefined) {
      refuse(response, 404, 'unknown_url', `Unknown request URL: ${path}`);
      return;
    }
    const body: unknown = JSON.parse(await textOf(request));
    const conversation = api.read(body);
    requests.push({ path, headers: request.headers, body, conversation });
    if (conversation.model !== modelName) {
      refuse(response, 404, 'model_not_found', `The model ${conversation.model} does not exist.`);
      return;
    }
    const key = JSON.stringify(conversation.entries);
    const attempt = attempts.get(key) ?? 0;
    attempts.set(key, attempt + 1);
    const step = script(conversation, attempt);
    await sleep(step.delayMs ?? 0);
    const answer = answerOf(step, conversation);
    const { stream = false } = z.object({ stream: z.boolean().nullish() }).parse(body);
    if (step.fault?.status !== undefined) fail(response, step.fault.status, step);
    else if (stream === true) await send(response, api.events(answer, conversation), step);
    else json(response, 200, api.reply(answer, conversation));
  };
  const server = createServer((request, response) => {
    response.once('close', () => ends.push(response.writableFinished ? 'whole' : 'cut-off'));
    handle(request, response).catch((error: unknown) => refuse(response, 400, 'bad_request', String(error)));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The model server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    ends,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Api {
  readonly read: (body: unknown) => Conversation;
  readonly events: (answer: Answer, conversation: Conversation) => string[];
  readonly reply: (answer: Answer, conversation: Conversation) => unknown;
}

const apis: Readonly<Record<string, Api>> = {
  '/v1/chat/completions': { read: fromChat, events: chatEvents, reply: chatReply },
  '/v1/responses': {
    read: fromResponses,
    events: (answer, { hostedPatch }) => responseEvents(answer, hostedPatch),
    reply: (answer, { hostedPatch }) => responseReply(answer, hostedPatch),
  },
};

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function send(response: ServerResponse, events: readonly string[], step: ModelStep): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  for (const [index, event] of events.entries()) {
    if (index === step.fault?.dropAfter) {
      response.destroy();
      return;
    }
    if (step.pieceDelayMs !== undefined && index > 0) await sleep(step.pieceDelayMs);
    if (response.destroyed) return;
    response.write(event);
  }
  response.end();
}

function fail(response: ServerResponse, status: number, { fault }: ModelStep): void {
  for (const [name, value] of Object.entries(fault?.headers ?? {})) response.setHeader(name, value);
  refuse(response, status, fault?.code ?? 'scripted_failure', fault?.message ?? `Scripted failure ${status}.`);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  json(response, status, { error: { message, type: 'invalid_request_error', param: null, code } });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
