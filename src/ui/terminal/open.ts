import { EventEmitter, ThemeIcon, window, type Pseudoterminal, type TerminalDimensions } from 'vscode';
import { problemOf } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { Terminal, TerminalEnd } from '../../core/sandbox.ts';
import { TerminalFilter } from './filter.ts';

const usual: TerminalDimensions = { columns: 80, rows: 24 };

/** Opens a terminal whose shell runs inside the session's sandbox. */
export function openTerminal(session: Session): void {
  const { folder, sandbox } = session.summary();
  const name = `Sandbox: ${folder}`;
  const pty = new SandboxTerminal(session, sandbox);
  window.createTerminal({ name, pty, iconPath: new ThemeIcon('vm'), isTransient: true }).show();
}

/** The editor's side of one terminal inside: bytes to text and back, sizes, and how it ended. */
class SandboxTerminal implements Pseudoterminal {
  readonly #session: Session;
  readonly #sandbox: string;
  readonly #write = new EventEmitter<string>();
  readonly #close = new EventEmitter<void>();
  readonly #abort = new AbortController();
  readonly onDidWrite = this.#write.event;
  readonly onDidClose = this.#close.event;
  #terminal: Terminal | undefined;
  #size = usual;

  constructor(session: Session, sandbox: string) {
    this.#session = session;
    this.#sandbox = sandbox;
  }

  open(size: TerminalDimensions | undefined): void {
    this.#size = size ?? usual;
    void this.#run().catch((error: unknown) => this.#say(problemOf(error, 'sandbox-lost').detail));
  }

  setDimensions(size: TerminalDimensions): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    void this.#terminal?.resize(size.columns, size.rows).catch(() => undefined);
  }

  handleInput(text: string): void {
    void this.#terminal?.write(Buffer.from(text, 'utf8')).catch(() => undefined);
  }

  close(): void {
    this.#abort.abort();
    void this.#terminal?.kill().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { columns, rows } = this.#size;
    const terminal = await this.#session.openTerminal({ cols: columns, rows }, this.#abort.signal);
    this.#terminal = terminal;
    if (this.#abort.signal.aborted) {
      await terminal.kill();
      return;
    }
    const decoder = new TextDecoder();
    const filter = new TerminalFilter();
    for await (const bytes of terminal.read) this.#write.fire(filter.push(decoder.decode(bytes, { stream: true })));
    this.#ended(await terminal.ended);
  }

  #ended(end: TerminalEnd): void {
    if (end.kind === 'exited' && (end.code ?? 0) === 0) this.#close.fire();
    else this.#say(end.kind === 'exited' ? `Exit code ${end.code ?? 'unknown'}.` : 'The connection to it was lost.');
  }

  #say(sentence: string): void {
    this.#write.fire(`\r\n\u001b[2m${this.#sandbox}: ${sentence}\u001b[0m\r\n`);
  }
}
