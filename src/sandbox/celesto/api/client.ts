import { z } from 'zod';
import { problem } from '../../../core/problem.ts';
import { CallFailed, callJson, callStream, type HttpParts } from './http.ts';
import { eventsOf } from './sse.ts';

const text = (most: number) => z.string().max(most);
const optional = <T extends z.ZodType>(shape: T) => shape.nullish().catch(undefined);

const publishedShape = z.looseObject({
  port: z.int(),
  status: text(64),
  url: optional(text(4096)),
});

/** Lenient on purpose: what is not needed may be missing, new or odd. */
const computerShape = z.looseObject({
  id: text(128).min(1),
  name: text(256),
  status: text(64),
  vcpus: optional(z.number()),
  ram_mb: optional(z.number()),
  created_at: optional(text(64)),
  network_policy: optional(z.looseObject({ mode: text(64) })),
  last_error: optional(text(4096)),
});

const ranShape = z.looseObject({
  exit_code: z.int(),
  stdout: z.string(),
  stderr: z.string(),
  timed_out: optional(z.boolean()),
});

const terminalShape = z.looseObject({
  terminal_id: z.string().regex(/^term_[A-Za-z0-9_-]{1,155}$/),
  gateway_url: text(4096),
  token: text(16_384).min(1),
});

const projectsShape = z.looseObject({ data: z.array(z.looseObject({ organization_id: text(128).min(1) })).max(1000) });

const eventShape = z.union([
  z.looseObject({ type: z.enum(['stdout', 'stderr']), data: z.string() }),
  z.looseObject({ type: z.literal('exit'), exit_code: z.unknown(), timed_out: optional(z.boolean()) }),
  z.looseObject({ type: z.literal('started') }),
  z.looseObject({ exit_code: z.unknown() }).transform((event) => ({ ...event, type: 'exit' as const })),
  z.looseObject({ stdout: z.string() }).transform(({ stdout }) => ({ type: 'stdout' as const, data: stdout })),
  z.looseObject({ stderr: z.string() }).transform(({ stderr }) => ({ type: 'stderr' as const, data: stderr })),
]);

export type Computer = z.infer<typeof computerShape>;
export type PublishedPort = z.infer<typeof publishedShape>;
export type Ran = z.infer<typeof ranShape>;
export type TerminalGrant = z.infer<typeof terminalShape>;
export type StreamEvent = { kind: 'out'; text: string } | { kind: 'err'; text: string } | { kind: 'exit' };

/** What a new computer is asked for with; absent fields are the template's. */
export interface ComputerRequest {
  readonly vcpus: number;
  readonly ram_mb: number;
  readonly image: string;
  readonly template_id?: string;
  readonly disk_size_mb?: number;
  readonly network_policy?: { readonly mode: 'open' | 'off' };
}

const ordinaryMs = 30_000;
const createMs = 600_000;

/** The routes of the hosted API that the driver uses. Every method throws `CallFailed`. */
export class Api {
  readonly #parts: HttpParts;

  constructor(parts: HttpParts) {
    this.#parts = parts;
  }

  /** Repeated with the same key it gives the same computer, so a lost answer is asked for again. */
  async create(asked: ComputerRequest, key: string, signal: AbortSignal): Promise<Computer> {
    const answer = await callJson(this.#parts, {
      method: 'POST',
      path: '/computers',
      body: asked,
      headers: { 'idempotency-key': key, 'x-celesto-client': 'sdk' },
      timeoutMs: createMs,
      repeatable: true,
      signal,
    });
    return parse(computerShape, answer);
  }

  async list(signal?: AbortSignal): Promise<readonly Computer[]> {
    const shape = z.looseObject({ computers: z.array(computerShape).max(1000) });
    return parse(shape, await this.#read('/computers?limit=200', signal)).computers;
  }

  /** The cheapest question that only a working key gets an answer to. */
  async probe(signal?: AbortSignal): Promise<void> {
    await this.#read('/computers?limit=1', signal);
  }

  /** The organization that the key belongs to; undefined where it has no project that would say so. */
  async organization(signal?: AbortSignal): Promise<string | undefined> {
    return parse(projectsShape, await this.#read('/projects/?skip=0&limit=1', signal)).data[0]?.organization_id;
  }

  async get(id: string, signal?: AbortSignal): Promise<Computer> {
    return parse(computerShape, await this.#read(`/computers/${encodeURIComponent(id)}`, signal));
  }

  async start(id: string, signal?: AbortSignal): Promise<Computer> {
    return parse(computerShape, await this.#write(`/computers/${encodeURIComponent(id)}/start`, signal));
  }

  async stop(id: string, signal?: AbortSignal): Promise<Computer> {
    return parse(computerShape, await this.#write(`/computers/${encodeURIComponent(id)}/stop`, signal));
  }

  async delete(id: string, signal?: AbortSignal): Promise<void> {
    const path = `/computers/${encodeURIComponent(id)}`;
    await callJson(this.#parts, { method: 'DELETE', path, timeoutMs: ordinaryMs, repeatable: true, signal });
  }

  /** Runs a command of 1 to 10,000 characters for at most `seconds` (1 to 300) and answers when it has ended. */
  async exec(id: string, command: string, seconds: number, repeatable: boolean, signal?: AbortSignal): Promise<Ran> {
    const answer = await callJson(this.#parts, {
      method: 'POST',
      path: `/computers/${encodeURIComponent(id)}/exec`,
      body: { command: checked(command), timeout: seconds },
      timeoutMs: (seconds + 15) * 1000,
      repeatable,
      signal,
    });
    return parse(ranShape, answer);
  }

  /**
   * As {@link exec}, telling what comes as it comes. Ending without `exit` means that nothing is known. Its connection
   * serves the next call only where it is read to its end, a little behind `exit`.
   */
  async *execStream(
    id: string,
    command: string,
    seconds: number,
    repeatable: boolean,
    signal?: AbortSignal,
  ): AsyncGenerator<StreamEvent> {
    const pieces = await callStream(this.#parts, {
      method: 'POST',
      path: `/computers/${encodeURIComponent(id)}/exec/stream`,
      body: { command: checked(command), timeout: seconds },
      headers: { accept: 'text/event-stream' },
      timeoutMs: (seconds + 15) * 1000,
      repeatable,
      signal,
    });
    for await (const raw of eventsOf(pieces)) {
      const event = eventShape.safeParse(raw);
      if (!event.success) continue;
      if (event.data.type === 'exit') yield { kind: 'exit' };
      if (event.data.type === 'stdout') yield { kind: 'out', text: event.data.data };
      if (event.data.type === 'stderr') yield { kind: 'err', text: event.data.data };
    }
  }

  /** A new terminal, or with `terminal` a new token for one that was opened before. */
  async terminal(id: string, terminal?: string, signal?: AbortSignal): Promise<TerminalGrant> {
    const body = terminal === undefined ? {} : { terminal_id: terminal };
    return parse(terminalShape, await this.#write(`/computers/${encodeURIComponent(id)}/terminals`, signal, body));
  }

  async publish(id: string, port: number): Promise<PublishedPort> {
    const path = `/computers/${encodeURIComponent(id)}/published-ports`;
    return parse(publishedShape, await this.#write(path, undefined, { port, force: false }));
  }

  async published(id: string, signal?: AbortSignal): Promise<readonly PublishedPort[]> {
    const path = `/computers/${encodeURIComponent(id)}/published-ports`;
    return parse(z.array(publishedShape).max(100), await this.#read(path, signal));
  }

  async unpublish(id: string, port: number): Promise<void> {
    const path = `/computers/${encodeURIComponent(id)}/published-ports/${port}`;
    await callJson(this.#parts, { method: 'DELETE', path, timeoutMs: ordinaryMs, repeatable: true });
  }

  async #read(path: string, signal?: AbortSignal): Promise<unknown> {
    return await callJson(this.#parts, { method: 'GET', path, timeoutMs: ordinaryMs, repeatable: true, signal });
  }

  async #write(path: string, signal?: AbortSignal, body?: unknown): Promise<unknown> {
    return await callJson(this.#parts, {
      method: 'POST',
      path,
      body,
      timeoutMs: ordinaryMs,
      repeatable: false,
      signal,
    });
  }
}

/** The longest command that the API takes, in characters. */
export const mostCommand = 10_000;

function checked(command: string): string {
  if (command.length === 0 || command.length > mostCommand) {
    throw new CallFailed(problem('limit', `A command of ${command.length} characters is more than Celesto takes.`));
  }
  return command;
}

function parse<T>(shape: z.ZodType<T>, answer: unknown): T {
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CallFailed(problem('protocol', 'Celesto gave an answer that cannot be read.', { delivery: 'maybe-sent' }));
}
