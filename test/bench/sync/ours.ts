import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { CelestoDouble } from '../../support/celesto/double.ts';

const program = `${import.meta.dirname}/ourProgram.ts`;
const answerShape = z.object({ ms: z.number(), result: z.unknown() });
const hydratedShape = z.object({ listing: z.number(), copying: z.number(), preparing: z.number() });

/** Milliseconds of the parts of a hydrate. */
export type Hydrated = z.infer<typeof hydratedShape>;

/** A session of the extension's own code with a computer at a double, in a process of its own. */
export class Ours {
  readonly computer: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  private constructor(
    child: ChildProcessByStdio<Writable, Readable, null>,
    answers: AsyncIterator<string>,
    computer: string,
  ) {
    this.#child = child;
    this.#answers = answers;
    this.computer = computer;
  }

  static async open({ url, apiKey }: CelestoDouble, source: string, storage: string): Promise<Ours> {
    const child = spawn(process.execPath, [program, url, apiKey, source, storage], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { result } = await ask(child, answers, 'computer');
    return new Ours(child, answers, z.string().parse(result));
  }

  /** Sends everything in and prepares it for work. */
  async hydrate(): Promise<Hydrated> {
    return hydratedShape.parse((await this.#do('hydrate')).result);
  }

  /** Says that something may run inside from now on. */
  async touched(): Promise<void> {
    await this.#do('touched');
  }

  /** Takes in what changed inside: the files that differ from what was sent, and the milliseconds taken. */
  async pull(): Promise<{ readonly differ: number; readonly ms: number }> {
    const { ms, result } = await this.#do('pull');
    return { ms, differ: z.number().parse(result) };
  }

  /** Looks on both sides for changes, of which there must be none. Answers the milliseconds taken. */
  async resync(): Promise<number> {
    return (await this.#do('resync')).ms;
  }

  /** Runs one short command. Answers the milliseconds taken. */
  async command(): Promise<number> {
    return (await this.#do('command')).ms;
  }

  /** Runs the same as one plain request, from the same process. Answers the milliseconds taken. */
  async raw(): Promise<number> {
    return (await this.#do('raw')).ms;
  }

  /** Deletes the computer. */
  async close(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.stdin.end();
    await ended;
  }

  #do(order: string) {
    return ask(this.#child, this.#answers, order);
  }
}

async function ask(
  child: ChildProcessByStdio<Writable, Readable, null>,
  answers: AsyncIterator<string>,
  order: string,
): Promise<z.infer<typeof answerShape>> {
  child.stdin.write(`${order}\n`);
  const answer = await answers.next();
  if (answer.done === true) throw new Error(`It ended instead of “${order}”.`);
  return answerShape.parse(JSON.parse(answer.value));
}
