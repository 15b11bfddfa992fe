import { CallFailed } from './api/http.ts';
import type { Api } from './api/client.ts';
import type { Commands } from '../relay/job/commands.ts';
import { AnswerLines } from '../relay/job/lines.ts';
import { endOf, whileFed, window } from '../relay/job/requestWay.ts';
import { brokenBy, type Followed, type Way, type WayEnd } from '../relay/job/way.ts';

/** A stream is left before the API ends it, and taken up again. */
const streamSeconds = 240;
/** Statuses of a service that does not have the route. */
const noRoute = new Set([404, 405, 501]);

export interface StreamParts {
  readonly api: Api;
  readonly computer: string;
  readonly commands: Commands;
}

/** Live output over the streaming route. `closed` where the service does not have it. */
export function streamWay(parts: StreamParts, gone: () => void): Way {
  const follow = async (job: Followed, begin: boolean): Promise<WayEnd> => {
    const lines = new AnswerLines(job);
    try {
      await whileFed(parts.commands, job, async () => {
        const how = { window, seconds: streamSeconds, quiet: 0 };
        const command = await parts.commands.follow(job, begin, how);
        const events = parts.api.execStream(parts.computer, command, streamSeconds + 30, !begin, job.over);
        for await (const event of events) {
          if (event.kind === 'out') lines.push(event.text);
          if (lines.word !== undefined && event.kind === 'out') break;
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
