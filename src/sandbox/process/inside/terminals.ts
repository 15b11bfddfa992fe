import type { Socket } from 'node:net';
import type { TerminalLine } from '../wire.ts';
import { refuse, tell } from './client.ts';
import { baseEnvironment } from './environment.ts';
import { openPty } from './openPty.ts';
import { readProcess } from './processes.ts';
import type { PtyParts } from './pty.ts';
import { OpenTerminal } from './terminal.ts';
import type { Others, Root } from './tree.ts';

/** Ended terminals that are remembered, so that a client whose connection broke learns how they ended. */
const rememberEnded = 16;

/** All terminals by their operation. One lives as long as somebody looks at it, or until it ends where it is kept. */
export class Terminals {
  readonly #parts: PtyParts;
  readonly #byOp = new Map<string, OpenTerminal>();
  others: (op: string) => Others = () => ({ roots: [], running: false });

  constructor(parts: PtyParts) {
    this.#parts = parts;
  }

  /** What the open terminals but `op` are known by. */
  roots(op: string): readonly Root[] {
    return [...this.#byOp].flatMap(([other, { ended, root }]) => (other === op || ended ? [] : [root]));
  }

  /** Opens a terminal for its first client, which may already have sent `rest` behind its first line. */
  async open(request: TerminalLine, client: Socket, rest: Uint8Array): Promise<void> {
    const { op } = request;
    if (this.#byOp.has(op)) {
      refuse(client, 'duplicate-op', 'A terminal of this name exists.');
      return;
    }
    const tag = `AIRLOCK_OP=${op}`;
    const env = {
      ...baseEnvironment(),
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      ...request.env,
      AIRLOCK_OP: op,
    };
    const { pty, mark } = await openPty({ ...request, env }, this.#parts);
    const root = { pid: pty.pid, started: readProcess(pty.pid)?.started ?? 0, tag, mark };
    const ended = () => this.#forgetOld();
    const terminal = new OpenTerminal(pty, request, { root, others: () => this.others(op), ended });
    this.#byOp.set(op, terminal);
    terminal.join(client, rest);
  }

  /** Joins `client` to a terminal by its operation. */
  join(op: string, client: Socket, rest: Uint8Array): void {
    const terminal = this.#byOp.get(op);
    if (terminal === undefined) refuse(client, 'no-such-op', 'No terminal of this name.');
    else terminal.join(client, rest);
  }

  /** Tells the operations of the terminals that are kept for whoever comes again. */
  tellKept(client: Socket): void {
    const kept = [...this.#byOp].filter(([, { ended, keeps }]) => keeps && !ended);
    tell(client, { event: 'terminals', list: kept.map(([op]) => op) });
    client.end();
  }

  #forgetOld(): void {
    const ended = [...this.#byOp].filter(([, terminal]) => terminal.ended);
    for (const [op] of ended.slice(0, Math.max(0, ended.length - rememberEnded))) this.#byOp.delete(op);
  }
}
