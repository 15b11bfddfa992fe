import { problem } from '../../../core/problem.ts';
import type { Commands, Shell } from './commands.ts';
import { AnswerLines } from './lines.ts';
import { byRequests, type Feeder, whileFed } from './feed.ts';
import { brokenBy, type Followed, type Way, type WayEnd } from './way.ts';

/** Less than a job keeps of its log: what was sent and is not yet known to have arrived can be sent again. */
export const window = 768 * 1024;
/** An answer comes when there is something, or after so many seconds. */
const answerSeconds = 20;

export interface RequestWayOptions {
  /** What brings a job's input. Absent: requests. */
  readonly feeder?: (job: Followed) => Feeder;
  readonly broken?: typeof brokenBy;
}

/** Answers that come when there is something to tell: one command line inside for each. */
export function requestWay(
  shell: Shell,
  commands: Commands,
  { feeder = () => byRequests(commands), broken = brokenBy }: RequestWayOptions = {},
): Way {
  const follow = async (job: Followed, begin: boolean): Promise<WayEnd> => {
    const lines = new AnswerLines(job);
    try {
      await whileFed(feeder(job), job, async () => {
        const how = { window, seconds: answerSeconds, quiet: 5 };
        const command = await commands.follow(job, begin, how);
        lines.push(`${await shell.run(command, answerSeconds + 30, !begin, job.over)}\n`);
      });
      return endOf(lines);
    } catch (error) {
      return broken(error);
    }
  };
  return { name: 'requests', follow };
}

/** What the last word of an answer means. */
export function endOf({ word }: AnswerLines): WayEnd {
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
