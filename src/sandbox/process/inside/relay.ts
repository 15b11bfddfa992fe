import { connect, type Socket } from 'node:net';
import { refuse, tell } from './client.ts';

/** Some programs listen on one of the two only. */
const loopbacks = ['127.0.0.1', '::1'];

/**
 * Joins `client` to a port of the sandbox's own loopback. After the event `connected` both directions carry raw bytes,
 * and either may close before the other.
 */
export function relay(port: number, client: Socket, rest: Uint8Array, addresses = loopbacks): void {
  const [host, ...others] = addresses;
  if (host === undefined) {
    refuse(client, 'ECONNREFUSED', 'Nothing listens there.');
    return;
  }
  const target = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const onEarlyError = () => relay(port, client, rest, others);
  target.once('error', onEarlyError);
  target.once('connect', () => {
    target.off('error', onEarlyError);
    tell(client, { event: 'connected' });
    if (rest.length > 0) target.write(rest);
    join(client, target);
  });
}

/** Passes bytes both ways until both have ended; either may end before the other. */
export function join(client: Socket, target: Socket): void {
  const both = () => {
    client.destroy();
    target.destroy();
  };
  for (const socket of [client, target]) socket.on('error', both);
  endAfter(client, target);
  endAfter(target, client);
  client.pipe(target);
  target.pipe(client);
}

/** Ends `to` once `from` is closed: what came whole before that still goes out, what was cut off is cut off. */
function endAfter(from: Socket, to: Socket): void {
  from.once('close', () => {
    if (!from.readableEnded || to.writableFinished) to.destroy();
    else to.once('finish', () => to.destroy());
  });
}
