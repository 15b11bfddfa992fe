import type { Duplex } from 'node:stream';
import { readHello } from '../../core/network/clientHello.ts';
import type { Refusal } from '../../core/network/refusal.ts';
import type { Target } from '../../core/network/hostRule.ts';
import { parseAuthority } from '../../core/network/target.ts';
import { refusalBytes } from './refusal.ts';
import type { Way, Ways } from './ways.ts';

const httpsPort = 443;
const established = 'HTTP/1.1 200 Connection Established\r\n\r\n';

/** Serves one CONNECT request; `head` came behind it. Never rejects. */
export async function tunnel(text: string, client: Duplex, head: Buffer, ways: Ways): Promise<void> {
  client.on('error', () => undefined);
  const parsed = parseAuthority(text);
  if (!parsed.ok) {
    ways.tell(parsed.shown, parsed.why);
    client.end(refusalBytes(parsed.shown, parsed.why));
    return;
  }
  const opened = await ways.open(parsed.value);
  if (!opened.ok) {
    client.end(refusalBytes(parsed.value, opened.why));
    return;
  }
  if (client.destroyed) {
    opened.way.socket.destroy();
    return;
  }
  client.write(established);
  join(client, head, opened.way, parsed.value);
}

/**
 * Joins both, once what the client says first fits the host that it asked for: what it says of itself later is sealed.
 * Bytes pass as they are.
 */
function join(client: Duplex, head: Buffer, way: Way, target: Target): void {
  const { socket } = way;
  const pass = (greeting: Buffer) => {
    socket.write(greeting);
    client.pipe(socket);
  };
  greetingOf(client, head, target, (greeting, why) => {
    if (why === undefined) pass(greeting);
    else way.refuse(why);
  });
  socket.pipe(client);
  endAfter(client, socket);
  endAfter(socket, client);
}

/** Ends `to` once `from` is closed: what came whole before that still goes out, what was cut off is cut off. */
function endAfter(from: Duplex, to: Duplex): void {
  from.once('close', () => {
    if (!from.readableEnded || to.writableFinished) to.destroy();
    else to.once('finish', () => to.destroy());
  });
}

/** Reads the first bytes until they tell whether they may pass. */
function greetingOf(
  client: Duplex,
  head: Buffer,
  target: Target,
  done: (greeting: Buffer, why: Refusal | undefined) => void,
): void {
  let seen = head;
  const look = (): boolean => {
    const why = whyNot(seen, target);
    if (why === 'more') return false;
    client.off('data', onData);
    client.off('end', onEnd);
    client.pause();
    done(seen, why);
    return true;
  };
  const onData = (bytes: Buffer) => {
    seen = Buffer.concat([seen, bytes]);
    look();
  };
  const onEnd = () => done(seen, seen.length === 0 || target.port !== httpsPort ? undefined : 'no-name');
  client.on('data', onData);
  client.once('end', onEnd);
  if (seen.length > 0) look();
}

/** Why these first bytes may not go to that host; `more` where that cannot be told yet. */
function whyNot(seen: Buffer, target: Target): Refusal | 'more' | undefined {
  const hello = readHello(seen);
  if (hello.kind === 'more') return 'more';
  if (hello.kind === 'tls' && hello.host === target.host) return undefined;
  if (hello.kind === 'tls' && hello.host !== undefined) return 'other-name';
  return hello.kind === 'not-tls' && target.port !== httpsPort ? undefined : 'no-name';
}
