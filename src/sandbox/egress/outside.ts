import { lookup } from 'node:dns/promises';
import { connect, isIPv6, type LookupFunction, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { canonicalAddress } from '../../core/network/addresses.ts';

/** A family of addresses that does not answer within this is passed over for the other. */
const attemptMs = 500;

/** The network around this machine, as the way out of a sandbox uses it. */
export interface Outside {
  /** The addresses of a name, in the system's order. Rejects where there are none. */
  resolve(host: string): Promise<readonly string[]>;
  /** A connection to the first of these addresses that answers. Rejects where none does, or when `signal` aborts. */
  dial(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Socket>;
  /** The addresses of this machine, in canonical form. */
  own(): ReadonlySet<string>;
}

/** The real one. */
export const theOutside: Outside = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  dial: dialAny,
  own: () => {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    return new Set(all.flatMap(({ address }) => canonicalAddress(address) ?? []));
  },
};

function dialAny(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // The name in `host` is never looked up: what was judged is what is dialled.
    const socket = connect({
      host: 'judged.invalid',
      port,
      lookup: answering(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: attemptMs,
      allowHalfOpen: true,
      noDelay: true,
    });
    const give = () => socket.destroy(new Error('It took too long.'));
    signal.addEventListener('abort', give, { once: true });
    if (signal.aborted) give();
    socket.once('connect', () => {
      signal.removeEventListener('abort', give);
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
    socket.once('close', () => signal.removeEventListener('abort', give));
  });
}

function answering(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, _options, tell) => tell(null, found);
}
