import { randomBytes } from 'node:crypto';
import type { Sandbox, Terminal } from '../../../src/core/sandbox.ts';
import { guestHome } from './guests.ts';
import { freshId } from './ids.ts';
import type { Knobs } from './knobs.ts';
import { refusal } from './refusals.ts';
import { TerminalSession } from './terminalSession.ts';

const never = new AbortController().signal;

/** The terminals of one computer. They outlive their connections, not their shell. */
export class Terminals {
  readonly #running: () => Sandbox;
  readonly #knobs: Knobs;
  readonly #gatewayUrl: () => string;
  readonly #open = new Map<string, TerminalSession>();
  readonly #tokens = new Map<string, { readonly id: string; readonly until: number }>();

  constructor(running: () => Sandbox, knobs: Knobs, gatewayUrl: () => string) {
    this.#running = running;
    this.#knobs = knobs;
    this.#gatewayUrl = gatewayUrl;
  }

  /** Opens a terminal, or lets a caller back into one. Throws the service's 404 where it has ended. */
  async authorize(known: string | undefined): Promise<Record<string, string>> {
    const sandbox = this.#running();
    if (known !== undefined && !this.#open.has(known)) throw refusal(404, 'Terminal not found');
    const id = known ?? (await this.#start(sandbox));
    const token = randomBytes(24).toString('base64url');
    const until = Date.now() + this.#knobs.tokenMs;
    this.#tokens.set(token, { id, until });
    return {
      terminal_id: id,
      gateway_url: `${this.#gatewayUrl()}/terminals/${id}?via=gateway`,
      token,
      expires_at: new Date(until).toISOString(),
    };
  }

  /** The terminal that a token lets into, once; undefined where it lets in nowhere. */
  admit(id: string, token: string): TerminalSession | undefined {
    const granted = this.#tokens.get(token);
    this.#tokens.delete(token);
    if (granted?.id !== id || granted.until < Date.now()) return undefined;
    return this.#open.get(id);
  }

  /** Ids of the terminals whose shell runs. */
  ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  async #start(sandbox: Sandbox): Promise<string> {
    const id = freshId('term');
    const terminal: Terminal = await sandbox.openTerminal({ cwd: guestHome, cols: 80, rows: 24 }, never);
    const session = new TerminalSession(terminal, this.#knobs);
    this.#open.set(id, session);
    void session.over.then(() => this.#open.delete(id));
    return id;
  }
}
