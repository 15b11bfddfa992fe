import { Readable } from 'node:stream';
import { inGuest, relPath, type GuestPath } from '../../src/core/paths.ts';
import type { Exec, ExecRequest, Outcome, Sandbox } from '../../src/core/sandbox.ts';
import { mintId } from '../../src/shared/ids.ts';

/** A finished command: its streams, whole, and its end. */
export interface Finished {
  readonly out: string;
  readonly err: string;
  readonly outBytes: Buffer;
  readonly outcome: Outcome;
}

type Run = ExecRequest['run'] | string | readonly string[];

/** A request with what most tests do not care about filled in. Text runs in a shell, a list as it is. */
export function request(sandbox: Sandbox, run: Run, more: Partial<ExecRequest> = {}): ExecRequest {
  const asked = typeof run === 'string' ? { shell: run } : isList(run) ? { argv: run } : run;
  return { op: mintId('op'), run: asked, cwd: sandbox.workspaceRoot, onLinkLoss: 'kill', ...more };
}

function isList(run: Run): run is readonly string[] {
  return Array.isArray(run);
}

export async function run(sandbox: Sandbox, what: Run, more: Partial<ExecRequest> = {}): Promise<Finished> {
  return finish(sandbox.exec(request(sandbox, what, more)));
}

/** Reads a command's output to its end. */
export async function finish(exec: Exec): Promise<Finished> {
  const streams: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  for await (const { fd, bytes } of exec.output) streams[fd].push(bytes);
  const outBytes = Buffer.concat(streams[1]);
  return { out: outBytes.toString(), err: Buffer.concat(streams[2]).toString(), outBytes, outcome: await exec.outcome };
}

/** Whether it can be used as it is. */
export async function runs(sandbox: Sandbox): Promise<boolean> {
  return (await run(sandbox, 'true')).outcome.kind === 'exited';
}

/** Runs a shell script that must succeed and gives what it printed. */
export async function sh(sandbox: Sandbox, script: string, ...args: string[]): Promise<string> {
  const done = await run(sandbox, ['sh', '-c', script, 'sh', ...args]);
  if (done.outcome.kind !== 'exited' || done.outcome.code !== 0) {
    throw new Error(`${script}: ${JSON.stringify(done.outcome)} ${done.err}`);
  }
  return done.out;
}

/** A running command, read in the background, whose output can be waited for. */
export class Watched {
  readonly exec: Exec;
  readonly finished: Promise<Outcome>;
  text = '';
  #wake: () => void = () => undefined;
  #over = false;

  constructor(exec: Exec) {
    this.exec = exec;
    this.finished = this.#read();
  }

  async #read(): Promise<Outcome> {
    for await (const { fd, bytes } of this.exec.output) {
      this.text += `${fd === 2 ? '!' : ''}${Buffer.from(bytes).toString()}`;
      this.#wake();
    }
    this.#over = true;
    this.#wake();
    return this.exec.outcome;
  }

  /** Resolves once `expected` was printed; what came on stderr is marked by `!`. */
  async saw(expected: string): Promise<void> {
    while (!this.text.includes(expected)) {
      if (this.#over) throw new Error(`The command ended without ${JSON.stringify(expected)}: ${this.text}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Standard input that a test writes as it goes. */
export class Input {
  readonly stream = new Readable({ read: () => undefined });

  send(text: string): void {
    this.stream.push(Buffer.from(text));
  }

  end(): void {
    this.stream.push(null);
  }
}

export function bytesOf(...parts: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  return Readable.from(parts.map((part) => Buffer.from(part)));
}

/** The command lines of all processes inside, one behind the other. By one program, as each may cost much. */
export function processes(sandbox: Sandbox): Promise<string> {
  return sh(sandbox, 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\000" " "');
}

/** A folder of its own below the workspace root, made by now. */
export async function freshFolder(sandbox: Sandbox): Promise<GuestPath> {
  const folder = inGuest(sandbox.workspaceRoot, relPath(mintId('op')));
  await sh(sandbox, 'mkdir -p -- "$1"', folder);
  return folder;
}

/** Asks again until the answer is yes; the test's own time limit ends it. */
export async function eventually(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 50));
}
