import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { problem, problemOf } from '../../../core/problem.ts';
import type { Exec, ExecRequest, Outcome } from '../../../core/sandbox.ts';
import type { OpId } from '../../../shared/ids.ts';
import { gathered } from '../../common/gathered.ts';
import { written } from '../../common/streamPipe.ts';
import { OutputQueue } from '../../common/outputQueue.ts';
import { Job } from '../../relay/job/job.ts';
import { notBegun } from '../../relay/job/outcomes.ts';
import { specBytes } from '../../relay/job/records.ts';
import type { Ways } from '../../relay/job/way.ts';
import type { SshConnection } from './connection.ts';

/** Each piece is waited for, and each packet costs the guest a sum of its own. */
const pieceBytes = 256 * 1024;

export interface BulkParts {
  connect(): Promise<SshConnection>;
  readonly relay: readonly string[];
  readonly ways: Ways;
  /** Ends what carries the mark inside. True once verified. */
  endMarked(mark: string): Promise<boolean>;
}

/**
 * A command whose streams are those of an SSH channel of its own, so that much passes through nothing else on its way. It
 * does not outlive its connection. How it ended is asked of our program inside.
 */
export class BulkExec implements Exec {
  readonly op: OpId;
  readonly output: AsyncIterable<{ fd: 1 | 2; bytes: Uint8Array }>;
  readonly outcome: Promise<Outcome>;
  readonly #parts: BulkParts;
  readonly #queue: OutputQueue<{ readonly fd: 1 | 2; readonly bytes: Uint8Array }>;
  #channel: ClientChannel | undefined;
  #settle: (outcome: Outcome) => void = () => undefined;

  constructor(parts: BulkParts, request: ExecRequest) {
    this.#parts = parts;
    this.op = request.op;
    this.#queue = new OutputQueue({
      pause: () => this.#streams().forEach((stream) => stream.pause()),
      resume: () => this.#streams().forEach((stream) => stream.resume()),
    });
    this.output = this.#queue;
    const settled = new Promise<Outcome>((resolve) => (this.#settle = resolve));
    const onAbort = () => void this.#abort();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    this.outcome = settled.finally(() => request.signal?.removeEventListener('abort', onAbort));
    void this.#run(request).catch((error: unknown) => {
      this.#end({ kind: 'unknown', problem: problemOf(error, 'sandbox-lost') });
    });
  }

  async interrupt(): Promise<void> {
    await this.#parts.endMarked(this.#mark);
  }

  #streams(): readonly Readable[] {
    return this.#channel === undefined ? [] : [this.#channel, this.#channel.stderr];
  }

  get #mark(): string {
    return `AIRLOCK_JOB=${this.op}`;
  }

  async #run({ run, cwd, env = {}, stdin, signal }: ExecRequest): Promise<void> {
    if (signal?.aborted === true) {
      this.#end({ kind: 'not-started', problem: problem('aborted', 'It was cancelled before it began.') });
      return;
    }
    const argv = 'argv' in run ? run.argv : ['sh', '-c', run.shell];
    const spec = specBytes({ argv, cwd, env, keep: false, input: stdin !== undefined });
    if (spec === undefined) {
      this.#end(notBegun('A command must not hold a NUL.'));
      return;
    }
    let channel: ClientChannel;
    try {
      const connection = await this.#parts.connect();
      channel = await connection.run(`exec ${this.#parts.relay.join(' ')} direct ${this.op}`);
    } catch (error) {
      const why = problemOf(error, 'unreachable');
      this.#end({ kind: why.delivery === 'never-sent' ? 'not-started' : 'unknown', problem: why });
      return;
    }
    this.#channel = channel;
    const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
    channel.on('data', (bytes: Uint8Array) => this.#queue.push({ fd: 1, bytes }));
    channel.stderr.on('data', (bytes: Uint8Array) => this.#queue.push({ fd: 2, bytes }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(spec.length);
    await written(channel, Buffer.concat([length, spec]));
    await this.#feed(channel, stdin);
    await closed;
    this.#end(await new Job(this.#parts.ways, { op: this.op }).outcome);
  }

  async #feed(channel: ClientChannel, stdin: AsyncIterable<Uint8Array> | undefined): Promise<void> {
    try {
      if (stdin !== undefined) {
        for await (const bytes of gathered(stdin, pieceBytes)) {
          if (!channel.writable) return;
          await written(channel, bytes);
        }
      }
      channel.end();
    } catch {
      // The command must not take what came so far for the whole.
      await this.#abort();
    }
  }

  async #abort(): Promise<void> {
    const dead = await this.#parts.endMarked(this.#mark).catch(() => false);
    // Not before: it would come to its end by itself meanwhile.
    this.#queue.letFlow();
    if (dead) this.#end({ kind: 'stopped', by: 'abort', killed: 'group' });
    else this.#end({ kind: 'unknown', problem: notVerified() });
    this.#channel?.destroy();
  }

  #end(outcome: Outcome): void {
    this.#queue.end();
    this.#settle(outcome);
  }
}

function notVerified() {
  const detail = 'The sandbox does not confirm that the command was ended.';
  return problem('sandbox-lost', detail, { delivery: 'maybe-sent' });
}
