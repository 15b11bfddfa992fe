import { EventEmitter, type Pseudoterminal, type TerminalDimensions } from 'vscode';
import type { OpId } from '../../shared/ids.ts';
import { problemOf } from '../../core/problem.ts';
import type { CommandWatch, Session } from '../../core/session/api.ts';
import type { Outcome } from '../../core/sandbox.ts';
import { EarlyKeys } from './earlyKeys.ts';
import { Screen } from './screen.ts';

const interruptKey = '\u0003';
/** The size that the agent's commands have; a viewer that changed it would change their output. */
const agentsSize: TerminalDimensions = { columns: 80, rows: 24 };

/** A running command of the agent in a tab: what it prints, and Ctrl-C and the keyboard where it takes them. */
export class CommandTerminal implements Pseudoterminal {
  readonly session: Session;
  readonly #op: OpId;
  readonly #screen: Screen;
  readonly #size = new EventEmitter<TerminalDimensions | undefined>();
  readonly #abort = new AbortController();
  readonly #early = new EarlyKeys();
  readonly onDidWrite;
  readonly onDidOverrideDimensions = this.#size.event;
  #watch: CommandWatch | 'coming' | 'over' = 'coming';
  #wasTold = false;

  constructor(session: Session, op: OpId, name: string) {
    this.session = session;
    this.#op = op;
    this.#screen = new Screen(session.summary().sandbox, name);
    this.onDidWrite = this.#screen.onDidWrite;
  }

  open(): void {
    void this.#live().catch((error: unknown) => {
      this.#watch = 'over';
      this.#screen.say(problemOf(error, 'sandbox-lost').detail);
    });
  }

  handleInput(text: string): void {
    const watch = this.#watch;
    if (this.#screen.takes(text) || watch === 'over') return;
    if (watch === 'coming') this.#early.hold(text);
    else if (watch.write !== undefined) void watch.write(Buffer.from(text, 'utf8')).catch(() => undefined);
    else if (text === interruptKey) void watch.interrupt().catch(() => undefined);
    else this.#tellOnce();
  }

  close(): void {
    this.#abort.abort();
    this.#screen.close();
    if (typeof this.#watch === 'object') this.#watch.leave();
  }

  async #live(): Promise<void> {
    const watch = await this.session.terminals.watch(this.#op, this.#abort.signal);
    this.#watch = watch;
    for (const text of this.#early.take()) this.handleInput(text);
    if (watch.isTerminal) this.#size.fire(agentsSize);
    await this.#screen.show(watch.output, !watch.isTerminal);
    if (this.#abort.signal.aborted) return;
    this.#watch = 'over';
    this.#screen.rest();
    this.#size.fire(undefined);
    this.#screen.say(sentenceOf(await watch.outcome));
  }

  #tellOnce(): void {
    if (this.#wasTold) return;
    this.#wasTold = true;
    this.#screen.say('This command reads no input. Ctrl-C interrupts it.');
  }
}

function sentenceOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exited':
      return `Exit code ${outcome.code}.`;
    case 'signaled':
      return `Ended by ${outcome.signal}.`;
    case 'stopped':
      return 'It was stopped.';
    default:
      return outcome.problem.detail;
  }
}
