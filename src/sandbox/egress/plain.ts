import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseAbsolute } from '../../core/network/target.ts';
import { answerRefusal } from './refusal.ts';
import type { Way, Ways } from './ways.ts';

/** Headers that are about one connection, not about the message (RFC 9110, 7.6.1). */
const ofOneConnection = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Passes one plain request on, over a connection of its own, to the host that its target names. Never rejects. */
export async function passOn(asked: IncomingMessage, answer: ServerResponse, ways: Ways): Promise<void> {
  const parsed = parseAbsolute(asked.url);
  if (!parsed.ok) {
    ways.tell(parsed.shown, parsed.why);
    answerRefusal(answer, parsed.shown, parsed.why);
    return;
  }
  const { target, path } = parsed.value;
  const opened = await ways.open(target);
  if (!opened.ok) {
    answerRefusal(answer, target, opened.why);
    return;
  }
  const authority = target.port === 80 ? target.host : `${target.host}:${target.port}`;
  await exchange(asked, answer, opened.way, { path, authority }).catch(() => {
    if (!answer.headersSent) answerRefusal(answer, target, 'unreachable');
    else answer.destroy();
  });
  opened.way.socket.destroy();
}

async function exchange(
  asked: IncomingMessage,
  answer: ServerResponse,
  { socket }: Way,
  to: { readonly path: string; readonly authority: string },
): Promise<void> {
  const outgoing = request({
    createConnection: () => socket,
    method: asked.method ?? 'GET',
    path: to.path,
    headers: requestHeaders(asked, to.authority),
  });
  const gone = () => socket.destroy();
  answer.once('close', gone);
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  // A server may answer before it has read all.
  const sending = pipeline(asked, outgoing).catch(() => undefined);
  const back = await response;
  answer.writeHead(back.statusCode ?? 502, back.statusMessage, endToEnd(back.rawHeaders));
  await pipeline(back, answer);
  answer.off('close', gone);
  socket.destroy();
  await sending;
}

/** The client's headers, for the host that the target names, whatever the client called it. */
function requestHeaders(asked: IncomingMessage, authority: string): string[] {
  const rest = pairs(endToEnd(asked.rawHeaders)).filter(([name]) => name.toLowerCase() !== 'host');
  const body = asked.headers['transfer-encoding'] === undefined ? [] : ['Transfer-Encoding', 'chunked'];
  return ['Host', authority, ...rest.flat(), ...body, 'Connection', 'close'];
}

/** Raw headers without those of one connection, and without those that `Connection` names. */
function endToEnd(raw: readonly string[]): string[] {
  const all = pairs(raw);
  const named = all.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => value.split(','));
  const dropped = new Set([...ofOneConnection, ...named.map((name) => name.trim().toLowerCase())]);
  return all.filter(([name]) => !dropped.has(name.toLowerCase())).flat();
}

function pairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [raw[at * 2] ?? '', raw[at * 2 + 1] ?? '']);
}
