import type { OpenWire } from '../../relay/mux/mux.ts';
import { Gateway, type GatewayParts } from './gateway.ts';

/** A wide terminal: what the shell echoes of our line stays in one piece. */
const size = { cols: 1000, rows: 24 };

/** Carries a mux over a terminal in raw mode, in which our program takes the place of the shell. */
export function wireOf(parts: GatewayParts, relay: readonly string[]): OpenWire {
  return async (name, events, signal) => {
    const gateway = await Gateway.open(parts, events, signal);
    gateway.resize(size.cols, size.rows);
    await gateway.send(
      Buffer.from(` exec sh -c 'stty raw -echo -iexten 2>/dev/null; exec ${relay.join(' ')} mux ${name}'\r`),
    );
    return { send: (bytes) => gateway.send(bytes), close: () => gateway.detach() };
  };
}
