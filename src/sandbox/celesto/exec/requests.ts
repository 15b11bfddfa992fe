import { problem, problemOf } from '../../../core/problem.ts';
import type { Api } from '../api/client.ts';
import { CallFailed } from '../api/http.ts';
import { Commands, pieceBytes } from './commands.ts';
import { AnswerLines } from './lines.ts';
import { inputRecord, record } from './records.ts';
import type { Followed, Way, WayEnd } from './way.ts';

/** A stream is left before the API ends it, and taken up again. */
const streamSeconds = 240;
/** Less than a job keeps of its log: what was sent and is not yet known to have arrived can be sent again. */
const window = 768 * 1024;
/** A buffered answer comes when there is something, or after so many seconds. */
const bufferedSeconds = 20;
/** Statuses of a service that does not have the route. */
const noRoute = new Set([404, 405, 501]);

export interface RequestParts {
  readonly api: Api;
  readonly computer: string;
  readonly commands: Commands;
}

/** Live output over the streaming route. `closed` where the service does not have it. */
export function streamWay(parts: RequestParts, gone: () => void): Way {
  const follow = async (job: Followed, begin: boolean): Promise<WayEnd> => {
    const lines = new AnswerLines(job);
    const stop = new AbortController();
    const feeding = feed(parts.commands, job, stop.signal);
    try {
      const how = { window, seconds: streamSeconds, quiet: 0 };
      const command = await parts.commands.follow(job, begin, how);
      const events = parts.api.execStream(parts.computer, command, streamSeconds + 30, !begin, job.over);
      for await (const event of events) {
        if (event.kind === 'out') lines.push(event.text);
        if (lines.word !== undefined && event.kind === 'out') break;
      }
      return endOf(lines);
    } catch (error) {
      if (error instanceof CallFailed && noRoute.has(error.status ?? 0) && (await exists(parts))) {
        gone();
        return { kind: 'closed' };
      }
      return broken(error);
    } finally {
      stop.abort();
      await feeding;
    }
  };
  return { name: 'stream', follow };
}

/** Answers that come when there is something to tell: one request for each. */
export function bufferedWay(parts: RequestParts): Way {
  const follow = async (job: Followed, begin: boolean): Promise<WayEnd> => {
    const lines = new AnswerLines(job);
    const stop = new AbortController();
    const feeding = feed(parts.commands, job, stop.signal);
    try {
      const how = { window, seconds: bufferedSeconds, quiet: 5 };
      const command = await parts.commands.follow(job, begin, how);
      const ran = await parts.api.exec(parts.computer, command, bufferedSeconds + 30, !begin, job.over);
      lines.push(`${ran.stdout}\n`);
      return endOf(lines);
    } catch (error) {
      return broken(error);
    } finally {
      stop.abort();
      await feeding;
    }
  };
  return { name: 'requests', follow };
}

async function exists({ api, computer }: RequestParts): Promise<boolean> {
  return await api.get(computer).then(
    () => true,
    () => false,
  );
}

function endOf({ word }: AnswerLines): WayEnd {
  switch (word) {
    case 'end':
      return { kind: 'complete' };
    case 'more':
      return { kind: 'more', much: true };
    case 'idle':
      return { kind: 'more', much: false };
    case 'dup':
    case 'none':
    case 'lost':
    case 'failed':
      return { kind: 'refused', word };
    default: {
      const detail = 'The answer to a command broke off.';
      return { kind: 'broken', problem: problem('unreachable', detail, { delivery: 'maybe-sent' }) };
    }
  }
}

export function broken(error: unknown): WayEnd {
  const status = error instanceof CallFailed ? error.status : undefined;
  return { kind: 'broken', problem: problemOf(error, 'unreachable'), status };
}

/** Sends a command's input in pieces, each a request, for as long as its answer is read. */
async function feed(commands: Commands, job: Followed, stop: AbortSignal): Promise<void> {
  const { input } = job;
  if (input === undefined) return;
  const signal = AbortSignal.any([stop, job.over]);
  try {
    for await (const { offset, bytes } of input.from(input.taken, signal)) {
      for (let at = 0; at < bytes.length && !signal.aborted; at += pieceBytes - 100) {
        const piece = bytes.subarray(at, at + pieceBytes - 100);
        await untilHeard(commands, job, inputRecord(offset + at, piece), signal);
      }
    }
    if (!signal.aborted && !input.closed)
      await untilHeard(commands, job, record('Z', String(input.length ?? 0)), signal);
  } catch {
    // What was not taken is sent again with the next request.
  }
}

/** The job may not be there yet: it is begun by a request that runs at the same time. */
async function untilHeard(commands: Commands, job: Followed, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < 50 && !signal.aborted; at += 1) {
    if ((await commands.ask(['ctl', job.op], bytes, true)) !== 'none') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
