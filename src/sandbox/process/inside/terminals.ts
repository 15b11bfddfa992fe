import type { Socket } from 'node:net';
import { frame, type Control, type TerminalLine } from '../wire.ts';
import { listen, sendData, tell } from './client.ts';
import { baseEnvironment } from './environment.ts';
import type { Marks } from './marks.ts';
import { readProcess } from './processes.ts';
import { openPty, type Pty } from './pty.ts';
import { killTree, type Others, type Root } from './tree.ts';

/** What terminals need from around them. */
export interface TerminalParts {
  readonly marks: Marks;
  readonly scratch: string;
  readonly nodePty?: string;
}

/** All open terminals. A terminal lives as long as its client stays. */
export class Terminals {
  readonly #parts: TerminalParts;
  readonly #open = new Map<string, Root>();
  others: (op: string) => Others = () => ({ roots: [], running: false });

  constructor(parts: TerminalParts) {
    this.#parts = parts;
  }

  /** What the open terminals but `op` are known by. */
  roots(op: string): readonly Root[] {
    return [...this.#open].flatMap(([other, root]) => (other === op ? [] : [root]));
  }

  /** Opens a terminal for `client`; what it shows goes out as frames until the program in it ends. */
  async open(request: TerminalLine, client: Socket, rest: Uint8Array): Promise<void> {
    const { op } = request;
    const tag = `AIRLOCK_OP=${op}`;
    const env = {
      ...baseEnvironment(),
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      ...request.env,
      AIRLOCK_OP: op,
    };
    const { value: opening, mark } = this.#parts.marks.marking(() => openPty({ ...request, env }, this.#parts));
    const pty = await opening;
    const root = { pid: pty.pid, started: readProcess(pty.pid)?.started ?? 0, tag, mark };
    this.#open.set(op, root);
    tell(client, { event: 'started' });
    this.#join(pty, root, client, rest, op);
  }

  #join(pty: Pty, root: Root, client: Socket, rest: Uint8Array, op: string): void {
    let ended = false;
    let killing = false;
    const end = () => {
      ended = true;
      this.#open.delete(op);
      client.end();
    };
    const kill = async () => {
      killing = true;
      const killed = await killTree(root, () => this.others(op));
      if (ended) return;
      tell(client, { event: 'stopped', by: 'abort', killed });
      end();
    };
    pty.onData((bytes) => {
      if (!sendData(client, frame.out, bytes)) pty.pause();
    });
    client.on('drain', () => pty.resume());
    pty.onExit((code) => {
      // What a kill achieved is told once it was verified.
      if (ended || killing) return;
      tell(client, { event: 'exited', code });
      end();
    });
    listen(client, rest, {
      input: (bytes) => pty.write(bytes),
      inputEnd: () => pty.write(Buffer.from([4])),
      control: (message) => obey(message, pty, () => void kill()),
      gone: () => {
        if (!ended) pty.hangUp();
        pty.resume();
      },
    });
  }
}

function obey(message: Control, pty: Pty, kill: () => void): void {
  if (message.do === 'resize') pty.resize(clamp(message.cols), clamp(message.rows));
  else if (message.do === 'abort') kill();
}

function clamp(size: number): number {
  return Math.max(1, Math.min(1000, Math.trunc(size) || 80));
}
