import { mintId, type OpId } from '../../shared/ids.ts';
import type { GuestPath } from '../paths.ts';
import { AirlockError, fail, problem } from '../problem.ts';
import type { Exec, Outcome, Sandbox, Terminal, TerminalEnd } from '../sandbox.ts';
import type { CommandWatch, Disposable, SessionTerminals, ShellRequest } from './api.ts';

/** What a session's terminals need from it. */
export interface TerminalsContext {
  /** Throws where the sandbox cannot be used. */
  readonly sandbox: () => Sandbox;
  /** Absolute path of the workspace folder inside. */
  readonly root: () => GuestPath;
  /** Told before something of ours may change files inside. */
  touched(): void;
  /** Looks for ports until it is disposed of: what runs in a terminal may listen. */
  look(): Disposable;
}

/** Terminals of one session, and its commands as somebody looks on. */
export class OwnedTerminals implements SessionTerminals {
  readonly #context: TerminalsContext;
  /** What lets go of each one that is open. */
  readonly #open = new Set<() => void>();

  constructor(context: TerminalsContext) {
    this.#context = context;
  }

  async open(request: ShellRequest, signal: AbortSignal): Promise<Terminal> {
    const sandbox = this.#context.sandbox();
    this.#context.touched();
    const cwd = this.#context.root();
    return this.#looked(await sandbox.openTerminal({ ...request, cwd, op: mintId('op'), onLinkLoss: 'keep' }, signal));
  }

  async kept(signal: AbortSignal): Promise<readonly OpId[]> {
    return (await this.#context.sandbox().keptTerminals?.(signal)) ?? [];
  }

  async join(op: OpId, signal: AbortSignal): Promise<Terminal> {
    const sandbox = this.#context.sandbox();
    if (sandbox.joinTerminal === undefined) return fail('not-found', 'This kind of sandbox keeps no terminals.');
    this.#context.touched();
    return this.#looked(await sandbox.joinTerminal(op, signal));
  }

  async watch(op: OpId, signal: AbortSignal): Promise<CommandWatch> {
    const sandbox = this.#context.sandbox();
    const terminal = await joined(sandbox, op, signal);
    if (terminal !== undefined) return this.#held(watchTerminal(terminal));
    const exec = await sandbox.attach(op);
    if (typeof exec === 'string') return fail('not-found', 'This command is not there any more.');
    return this.#held(watchExec(exec));
  }

  /** Lets go of all that are open, which go on inside: who has the session next finds them there. */
  close(): Promise<void> {
    for (const leave of this.#open) leave();
    return Promise.resolve();
  }

  #looked(terminal: Terminal): Terminal {
    const looking = this.#context.look();
    this.#until(terminal.ended, () => void terminal.detach());
    void terminal.ended.finally(() => looking.dispose());
    return terminal;
  }

  #held(watch: CommandWatch): CommandWatch {
    this.#until(watch.outcome, () => watch.leave());
    return watch;
  }

  #until(over: Promise<unknown>, leave: () => void): void {
    this.#open.add(leave);
    void over.finally(() => this.#open.delete(leave));
  }
}

async function joined(sandbox: Sandbox, op: OpId, signal: AbortSignal): Promise<Terminal | undefined> {
  try {
    return await sandbox.joinTerminal?.(op, signal);
  } catch (error) {
    if (error instanceof AirlockError && error.problem.id === 'not-found') return undefined;
    throw error;
  }
}

/** A command on a terminal can be taken over: whoever looks on may type. */
function watchTerminal(terminal: Terminal): CommandWatch {
  return {
    output: terminal.read,
    isTerminal: true,
    write: (bytes) => terminal.write(bytes),
    interrupt: () => terminal.write(Uint8Array.of(3)),
    outcome: terminal.ended.then(outcomeOf),
    leave: () => terminal.destroy(),
  };
}

function outcomeOf(end: TerminalEnd): Outcome {
  if (end.kind === 'exited' && end.code !== undefined) return { kind: 'exited', code: end.code };
  return { kind: 'unknown', problem: problem('sandbox-lost', 'How this command ended is not known.') };
}

/** A command over pipes reads nothing: it can be watched and interrupted. */
function watchExec(exec: Exec): CommandWatch {
  let leave: () => void = () => undefined;
  const left = new Promise<'left'>((resolve) => (leave = () => resolve('left')));
  return {
    output: bytesUntil(exec, left),
    isTerminal: false,
    interrupt: () => exec.interrupt('INT'),
    outcome: exec.outcome,
    leave,
  };
}

async function* bytesUntil(exec: Exec, left: Promise<'left'>): AsyncGenerator<Uint8Array> {
  const pieces = exec.output[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([pieces.next(), left]);
      if (next === 'left' || next.done === true) return;
      yield next.value.bytes;
    }
  } finally {
    // What still comes must be let go of, else the command would wait for a reader.
    void pieces.return?.();
  }
}
