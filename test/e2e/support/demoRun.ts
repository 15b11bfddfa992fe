import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { repository } from '../../support/commands/places.mjs';
import { ProcessGroup } from '../../support/vscode/process-group.ts';

/** What `npm run demo` starts. */
const program = 'node test/support/commands/demo.mjs';
const ctrlC = '\u0003';
const variable = 'AIRLOCK_TEST_MARK';

/** What would make the demo open another editor, or ask another model, than a test expects. */
const cleared = ['AIRLOCK_VSCODE', 'DISPLAY', 'WAYLAND_DISPLAY', 'OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL'];

/** One run of the demo from its beginning, with all that comes before it. All of its processes carry a mark. */
export class DemoRun {
  readonly #group: ProcessGroup;
  readonly #mark = `${variable}=${randomUUID()}`;

  private constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv, stdin: 'ignore' | 'pipe') {
    const own = Object.entries(process.env).filter(([name]) => !cleared.includes(name));
    const marked = { ...Object.fromEntries(own), ...env, [variable]: this.#mark.slice(variable.length + 1) };
    this.#group = new ProcessGroup(program, args, { env: marked, cwd: repository, stdin });
  }

  /** As a person starts it in a terminal. */
  static inTerminal(command: 'npm run demo' | typeof program = program, env: NodeJS.ProcessEnv = {}): DemoRun {
    return new DemoRun('script', ['-qec', `exec ${command}`, '/dev/null'], env, 'pipe');
  }

  /** As a machine starts it, with the Node that the machine has. */
  static headless(env: NodeJS.ProcessEnv = {}): DemoRun {
    return new DemoRun('node', [...program.split(' ').slice(1), '--headless'], env, 'ignore');
  }

  get output(): string {
    return this.#group.output;
  }

  /** The exit code. */
  get ended(): Promise<number> {
    return this.#group.ended;
  }

  async printed(text: string): Promise<void> {
    await this.#group.printed(text);
  }

  /** Types Ctrl-C: the terminal tells everything that runs in its foreground. */
  pressCtrlC(): void {
    this.#group.type(ctrlC);
  }

  /** Tells everything that a terminal would tell. */
  interrupt(): void {
    this.#group.signal('SIGINT');
  }

  /** Tells only the program that was started first, as a service manager does. */
  terminateFirst(): void {
    for (const { pid, command } of this.processes()) {
      if (command.startsWith(program)) process.kill(pid, 'SIGTERM');
    }
  }

  /** What of this run runs now; sandboxes have another environment and are not among it. */
  processes(): { pid: number; command: string }[] {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return ids
      .filter((pid) => textOf(pid, 'environ').includes(this.#mark))
      .map((pid) => ({ pid: Number(pid), command: textOf(pid, 'cmdline').replaceAll('\0', ' ').trim() }));
  }

  /** The folder below which everything of this run lies, once its editor runs. */
  root(): string | undefined {
    return this.processes()
      .map(({ command }) => /\/\S*?\/airlock-demo-\w+/.exec(command)?.[0])
      .find((folder) => folder !== undefined);
  }

  /** Ends what a failed test has left. */
  async end(): Promise<void> {
    for (const { pid } of this.processes()) kill(pid);
    await this.#group.end();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
}

function textOf(pid: string, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
