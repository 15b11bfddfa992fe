import { CallFailed } from './api/http.ts';
import type { Api } from './api/client.ts';
import type { Commands } from '../relay/job/commands.ts';
import { AnswerLines } from '../relay/job/lines.ts';
import { type Feeder, whileFed } from '../relay/job/feed.ts';
import { endOf, window } from '../relay/job/requestWay.ts';
import { brokenBy, type Followed, type Way, type WayEnd } from '../relay/job/way.ts';

/** A stream is left before the API ends it, and taken up again. */
const streamSeconds = 240;
/** How long the end of an answer may take once its command is known to be over. */
const lingerMs = 1000;
/** Statuses of a service that does not have the route. */
const noRoute = new Set([404, 405, 501]);

export interface StreamParts {
  readonly api: Api;
  readonly computer: string;
  readonly commands: Commands;
  /** What brings a job's input. */
  feeder(job: Followed): Feeder;
}

/** Live output over the streaming route. `closed` where the service does not have it. */
export function streamWay(parts: StreamParts, gone: () => void): Way {
  const follow = async (job: Followed, begin: boolean): Promise<WayEnd> => {
    const lines = new AnswerLines(job);
    try {
      await whileFed(parts.feeder(job), job, async () => {
        const how = { window, seconds: streamSeconds, quiet: 0 };
        const command = await parts.commands.follow(job, begin, how);
        const seconds = streamSeconds + 30;
        const events = parts.api.execStream(parts.computer, command, seconds, !begin, soonAfter(job.over));
        for (let next = await events.next(); next.done !== true; next = await events.next()) {
          if (next.value.kind === 'out') lines.push(next.value.text);
          if (lines.word === undefined && next.value.kind !== 'exit') continue;
          void readOut(events);
          break;
        }
      });
      return endOf(lines);
    } catch (error) {
      if (error instanceof CallFailed && noRoute.has(error.status ?? 0) && (await exists(parts))) {
        gone();
        return { kind: 'closed' };
      }
      return brokenCall(error);
    }
  };
  return { name: 'stream', follow };
}

/**
 * An answer that was understood is read to its end all the same: an answer that is broken off takes its connection with
 * it, and the next command would wait for another one.
 */
async function readOut(events: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _event of events);
  } catch {
    // Nothing of it is needed any more.
  }
}

/** Aborts a moment after `over` does: what is still to come then is not waited for. */
function soonAfter(over: AbortSignal): AbortSignal {
  const late = new AbortController();
  const onOver = () => setTimeout(() => late.abort(), lingerMs).unref();
  if (over.aborted) late.abort();
  else over.addEventListener('abort', onOver, { once: true });
  return late.signal;
}

async function exists({ api, computer }: StreamParts): Promise<boolean> {
  return await api.get(computer).then(
    () => true,
    () => false,
  );
}

/** A conflict or an absence says that the computer does not run. */
export function brokenCall(error: unknown): WayEnd & { kind: 'broken' } {
  const status = error instanceof CallFailed ? error.status : undefined;
  return { ...brokenBy(error), isOff: status === 409 || status === 404 };
}
