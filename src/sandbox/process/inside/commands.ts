import type { Socket } from 'node:net';
import type { ExecLine } from '../wire.ts';
import { Command, type CommandParts } from './command.ts';
import { refuse } from './client.ts';
import type { Others, Root } from './tree.ts';

/** Ended commands that are remembered, so that a client whose connection broke learns how they ended. */
const rememberEnded = 400;

/** The table of operations: what runs, and what ended a while ago. */
export class Commands {
  readonly #parts: Omit<CommandParts, 'others'>;
  readonly #byOp = new Map<string, Command>();
  readonly #firstBoot: boolean;
  #forgot = false;
  /** Terminals count as others too. */
  moreRoots: (butOf: string) => readonly Root[] = () => [];

  constructor(parts: Omit<CommandParts, 'others'> & { readonly firstBoot: boolean }) {
    this.#parts = parts;
    this.#firstBoot = parts.firstBoot;
  }

  /** Starts a command for `client`, which may already have sent `rest` behind its first line. */
  async start(request: ExecLine, client: Socket, rest: Uint8Array): Promise<void> {
    if (this.#byOp.has(request.op)) {
      refuse(client, 'duplicate-op', 'An operation of this name exists.');
      return;
    }
    const command = new Command(request, {
      ...this.#parts,
      others: () => this.others(request.op),
    });
    this.#byOp.set(request.op, command);
    this.#forgetOld();
    await command.start(client, rest);
    if (command.neverRan) this.#byOp.delete(request.op);
  }

  /** Joins `client` to a command by its operation id. */
  attach(op: string, client: Socket, rest: Uint8Array): void {
    const command = this.#byOp.get(op);
    if (command !== undefined) command.join(client, rest);
    else refuse(client, this.#firstBoot && !this.#forgot ? 'no-such-op' : 'cannot-know', 'No operation of this name.');
  }

  /** All commands and terminals but one. */
  others(op: string): Others {
    const commands = [...this.#byOp].filter(([other]) => other !== op).map(([, command]) => command);
    const terminals = this.moreRoots(op);
    return {
      roots: [...commands.flatMap(({ root }) => (root === undefined ? [] : [root])), ...terminals],
      running: terminals.length > 0 || commands.some(({ runs }) => runs),
    };
  }

  #forgetOld(): void {
    const ended = [...this.#byOp].filter(([, command]) => command.ended);
    for (const [op] of ended.slice(0, Math.max(0, ended.length - rememberEnded))) {
      this.#byOp.delete(op);
      this.#forgot = true;
    }
  }
}
