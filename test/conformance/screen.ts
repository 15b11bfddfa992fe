import type { Sandbox, Terminal, TerminalRequest } from '../../src/core/sandbox.ts';
import { never } from './harness.ts';

/** A terminal whose text, as Latin-1, can be waited for. */
export class Screen {
  readonly terminal: Terminal;
  readonly drained: Promise<void>;
  text = '';
  #wake: () => void = () => undefined;
  #over = false;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.drained = this.#read();
  }

  async #read(): Promise<void> {
    for await (const bytes of this.terminal.read) {
      this.text += Buffer.from(bytes).toString('latin1');
      this.#wake();
    }
    this.#over = true;
    this.#wake();
  }

  async saw(expected: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = expected.exec(this.text);
      if (match !== null) return match;
      if (this.#over) throw new Error(`The terminal ended without ${String(expected)}: ${this.text.slice(-2000)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  type(text: string): Promise<void> {
    return this.terminal.write(Buffer.from(text));
  }
}

/** Opens a terminal of 100 by 30 in the workspace, unless told otherwise. */
export function openRaw(sandbox: Sandbox, more: Partial<TerminalRequest> = {}): Promise<Terminal> {
  return sandbox.openTerminal({ cwd: sandbox.workspaceRoot, cols: 100, rows: 30, ...more }, never);
}

export async function openScreen(sandbox: Sandbox, more: Partial<TerminalRequest> = {}): Promise<Screen> {
  return new Screen(await openRaw(sandbox, more));
}

/** The part of a request that runs a shell script instead of a login shell. */
export function script(text: string): Pick<TerminalRequest, 'argv'> {
  return { argv: ['sh', '-c', text] };
}
