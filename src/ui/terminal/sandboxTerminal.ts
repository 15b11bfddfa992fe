import { EventEmitter, type Pseudoterminal, type TerminalDimensions } from 'vscode';
import { parseId, type OpId } from '../../shared/ids.ts';
import { AirlockError, problemOf } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { Terminal, TerminalEnd } from '../../core/sandbox.ts';
import { EarlyKeys } from './earlyKeys.ts';
import { Screen } from './screen.ts';

const usual: TerminalDimensions = { columns: 80, rows: 24 };
/** Waits before each try to find a lost terminal again, in milliseconds. */
const retryAfter = [0, 500, 1000, 2000, 4000, 8000];
/** The editor tells why a tab was closed in the next moment, unless it is closing itself. */
const reasonWithinMs = 2000;

/** The editor's side of one shell inside: bytes to text and back, sizes, how it ended, and finding it again. */
export class SandboxTerminal implements Pseudoterminal {
  readonly session: Session;
  readonly #screen: Screen;
  readonly #close = new EventEmitter<void>();
  readonly #abort = new AbortController();
  readonly #early = new EarlyKeys();
  readonly onDidWrite;
  readonly onDidChangeName;
  readonly onDidClose = this.#close.event;
  #known: OpId | undefined;
  #terminal: Terminal | undefined;
  #size = usual;
  #state: 'opening' | 'open' | 'retrying' | 'over' = 'opening';
  #reason: NodeJS.Timeout | undefined;

  /** `known`: joins that terminal instead of opening one. */
  constructor(session: Session, name: string, known?: OpId) {
    this.session = session;
    this.#known = known;
    this.#screen = new Screen(session.summary().sandbox, name);
    this.onDidWrite = this.#screen.onDidWrite;
    this.onDidChangeName = this.#screen.onDidChangeName;
  }

  /** Which terminal inside this is, once that is known. */
  get op(): OpId | undefined {
    return this.#known;
  }

  open(size: TerminalDimensions | undefined): void {
    this.#size = size ?? usual;
    void this.#live();
  }

  setDimensions(size: TerminalDimensions): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#resize();
  }

  handleInput(text: string): void {
    if (this.#screen.takes(text)) return;
    if (this.#state === 'open') void this.#terminal?.write(Buffer.from(text, 'utf8')).catch(() => undefined);
    else if (this.#state === 'opening') this.#early.hold(text);
    else if (this.#state === 'over' && text === '\r') this.#again();
  }

  /** The tab is gone, or the whole window is going: {@link closed} tells which. */
  close(): void {
    this.#screen.close();
    this.#reason ??= setTimeout(() => this.closed(false), reasonWithinMs);
  }

  /** What closed the tab: the window, then the shell goes on inside; anything else ends it. */
  closed(byWindow: boolean): void {
    clearTimeout(this.#reason);
    if (byWindow) void this.#terminal?.detach();
    else void this.#terminal?.kill().catch(() => undefined);
    if (!byWindow || this.#terminal === undefined) this.#abort.abort();
  }

  #again(): void {
    this.#known = undefined;
    this.#state = 'opening';
    void this.#live();
  }

  async #live(): Promise<void> {
    try {
      let terminal: Terminal | undefined = await this.#begin();
      while (terminal !== undefined) terminal = await this.#follow(terminal);
    } catch (error) {
      this.#over(problemOf(error, 'sandbox-lost').detail);
    }
  }

  /** Shows a terminal until it ends. Answers with the same one, found again, where only the connection was lost. */
  async #follow(terminal: Terminal): Promise<Terminal | undefined> {
    this.#adopt(terminal);
    await this.#screen.show(terminal.read);
    const end = await terminal.ended;
    this.#terminal = undefined;
    if (this.#abort.signal.aborted) return undefined;
    if (end.kind === 'lost' && end.reattach) return await this.#findAgain(opOf(terminal));
    this.#ended(end);
    return undefined;
  }

  async #begin(): Promise<Terminal> {
    const { columns, rows } = this.#size;
    const { terminals } = this.session;
    const { signal } = this.#abort;
    return this.#known === undefined
      ? await terminals.open({ cols: columns, rows }, signal)
      : await terminals.join(this.#known, signal);
  }

  #adopt(terminal: Terminal): void {
    const isJoined = this.#known !== undefined;
    this.#terminal = terminal;
    this.#known = opOf(terminal);
    this.#state = 'open';
    if (isJoined) this.#redraw();
    else this.#resize();
    for (const text of this.#early.take()) this.handleInput(text);
  }

  #resize(): void {
    void this.#terminal?.resize(this.#size.columns, this.#size.rows).catch(() => undefined);
  }

  /** Programs that own the whole screen draw it again when its size changes. */
  #redraw(): void {
    const { columns, rows } = this.#size;
    void this.#terminal?.resize(columns, Math.max(1, rows - 1)).catch(() => undefined);
    this.#resize();
  }

  async #findAgain(op: OpId | undefined): Promise<Terminal | undefined> {
    this.#state = 'retrying';
    this.#screen.rest();
    this.#screen.say('The connection was lost. Trying to reconnect…');
    let why = 'The connection could not be restored.';
    for (const delay of op === undefined ? [] : retryAfter) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      if (this.#abort.signal.aborted || op === undefined) return undefined;
      try {
        const terminal = await this.session.terminals.join(op, this.#abort.signal);
        this.#screen.say('Connected again.');
        return terminal;
      } catch (error) {
        why = problemOf(error, 'sandbox-lost').detail;
        if (isFinal(error)) break;
      }
    }
    this.#over(why);
    return undefined;
  }

  #ended(end: TerminalEnd): void {
    this.#screen.rest();
    if (end.kind === 'detached') this.#left();
    else if (end.kind === 'exited' && end.code === 0) this.#close.fire();
    else if (end.kind === 'exited') this.#over(end.code === undefined ? 'It was ended.' : `Exit code ${end.code}.`);
    else this.#over('The connection was lost.');
  }

  /** It is not ours any more: it comes back as another tab where its session does. */
  #left(): void {
    this.#known = undefined;
    this.#over('This window let go of its session. The shell goes on inside.');
  }

  #over(why: string): void {
    this.#state = 'over';
    this.#screen.say(`${why} Press Enter for a new shell.`);
  }
}

function opOf({ id }: Terminal): OpId | undefined {
  return parseId('op', id ?? '');
}

/** Trying once more would not help. */
function isFinal(error: unknown): boolean {
  return error instanceof AirlockError && ['not-found', 'sandbox-gone', 'aborted'].includes(error.problem.id);
}
