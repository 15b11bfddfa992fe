import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { skipBecause } from '../commands/results.ts';
import { installPython } from '../python.ts';
import type { CelestoDouble } from './double.ts';

/** The published clients: each has its own packages, pinned in `clients/NAME.txt`. */
export type ClientName = 'agents' | 'stream' | 'cloud';

const folder = join(import.meta.dirname, 'clients');

/** What a client raised, with its causes. */
export interface Raised {
  readonly type: string;
  readonly says: string;
  readonly code?: string;
  readonly status_code?: number;
  readonly recovery_action?: string;
  readonly side_effects?: string;
  readonly required_scope?: string;
  readonly running_limit?: number;
  readonly retry_after?: number;
  readonly cause?: Raised;
}

const raisedSchema: z.ZodType<Raised> = z.lazy(() =>
  z.object({
    type: z.string(),
    says: z.string(),
    code: z.string().exactOptional(),
    status_code: z.number().exactOptional(),
    recovery_action: z.string().exactOptional(),
    side_effects: z.string().exactOptional(),
    required_scope: z.string().exactOptional(),
    running_limit: z.number().exactOptional(),
    retry_after: z.number().exactOptional(),
    cause: raisedSchema.exactOptional(),
  }),
);
const answerSchema = z.union([z.object({ value: z.unknown() }), z.object({ raised: raisedSchema })]);
type Answer = z.infer<typeof answerSchema>;

/** An exception of a published client. */
export class ClientError extends Error {
  readonly raised: Raised;

  constructor(raised: Raised) {
    super(`${raised.type}: ${raised.says}`);
    this.raised = raised;
  }
}

/** One published client of the service, running as its authors made it, pointed at a double. */
export class OfficialClient {
  /** Its home folder, thrown away at its end. */
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: Answer) => void)[] = [];
  #complaints = '';
  #ended = false;

  private constructor(child: ChildProcess, home: string) {
    this.#child = child;
    this.home = home;
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('The client has no output.');
    stdin.on('error', () => undefined);
    createInterface({ input: stdout }).on('line', (line) => {
      this.#waiting.shift()?.(answerSchema.parse(JSON.parse(line)));
    });
    stderr.on('data', (text: Buffer) => (this.#complaints = (this.#complaints + text.toString()).slice(-4000)));
    child.once('close', () => {
      this.#ended = true;
      for (const answer of this.#waiting.splice(0)) answer(this.#endedAnswer());
    });
  }

  /** Starts a client, or, in a `before` hook, skips the suite where its packages cannot be had. */
  static async start(context: Mocha.Context, name: ClientName, double: CelestoDouble): Promise<OfficialClient> {
    return await OfficialClient.open(name, double, (reason) => skipBecause(context, reason));
  }

  /** As {@link start} outside of a test; `missing` is told why its packages cannot be had. */
  static async open(
    name: ClientName,
    double: CelestoDouble,
    missing: (reason: string) => never,
  ): Promise<OfficialClient> {
    const python = await installPython(`celesto-${name}`, join(folder, `${name}.txt`));
    if (!python.ok) return missing(python.reason);
    const home = mkdtempSync(join(tmpdir(), 'celesto-client-'));
    const child = spawn(python.program, [join(folder, `use_${name}.py`)], {
      env: { ...process.env, ...environmentFor(name, double), HOME: home },
      cwd: home,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new OfficialClient(child, home);
  }

  /** Has it do something. Throws a {@link ClientError} with what it raised. */
  async call(operation: string, more: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const answer = await new Promise<Answer>((resolve) => {
      if (this.#ended) {
        resolve(this.#endedAnswer());
        return;
      }
      this.#waiting.push(resolve);
      this.#child.stdin?.write(`${JSON.stringify({ do: operation, with: more })}\n`);
    });
    if ('raised' in answer) throw new ClientError(answer.raised);
    return answer.value;
  }

  /** What it raises at something. Throws where it raises nothing. */
  async raised(operation: string, more: Readonly<Record<string, unknown>> = {}): Promise<Raised> {
    const done = await this.call(operation, more).catch((error: unknown) => {
      if (error instanceof ClientError) return error;
      throw error;
    });
    if (done instanceof ClientError) return done.raised;
    throw new Error(`${operation} raised nothing, but gave ${JSON.stringify(done)}.`);
  }

  async close(): Promise<void> {
    if (!this.#ended) {
      const ended = new Promise((resolve) => this.#child.once('close', resolve));
      this.#child.stdin?.end();
      await ended;
    }
    rmSync(this.home, { recursive: true, force: true });
  }

  #endedAnswer(): Answer {
    return { raised: { type: 'Ended', says: this.#complaints } };
  }
}

function environmentFor(name: ClientName, { url, apiKey }: CelestoDouble): NodeJS.ProcessEnv {
  const common = {
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    CELESTO_NO_TELEMETRY: '1',
    OPENAI_AGENTS_DISABLE_TRACING: '1',
    CELESTO_API_KEY: undefined,
    CELESTO_BASE_URL: undefined,
    OPENAI_API_KEY: undefined,
    COLUMNS: '200',
  };
  switch (name) {
    case 'agents':
      return { ...common, CELESTO_BASE_URL: `${url}/v1`, CELESTO_API_KEY: apiKey };
    case 'stream':
      return { ...common, DOUBLE_URL: url, CELESTO_API_KEY: apiKey };
    case 'cloud':
      return { ...common, DOUBLE_URL: url, DOUBLE_KEY: apiKey };
  }
}
