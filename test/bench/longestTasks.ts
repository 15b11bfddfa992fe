import { z } from 'zod';
import type { ToPanel } from '../../src/shared/protocol.ts';
import { stateMessages } from '../../src/ui/panel/chunks.ts';
import { longTranscript } from '../e2e/panel/support/long.ts';
import { PanelPage, type Stage } from '../e2e/panel/support/page.ts';
import { message, session, stateOf, status, working } from '../e2e/panel/support/states.ts';

/** The longest single task of the page in each phase, in milliseconds of processor time: others' load does not count. */
export type LongestTasks = Readonly<Record<'open' | 'scroll' | 'stream' | 'append', number>>;

const traceShape = z.object({
  traceEvents: z.array(
    z.object({ name: z.string(), pid: z.number(), tid: z.number(), tdur: z.number().optional(), ts: z.number() }),
  ),
});

/** Opens, scrolls and continues a transcript of `length` items and says how long the page was ever blocked. */
export async function measureLongestTasks(stage: Stage, length: number): Promise<LongestTasks> {
  const panel = await PanelPage.open(stage.browser, stage.origin);
  try {
    for (const answer of stateMessages(stateOf({ session, transcript: longTranscript(length) }))) {
      await panel.page.evaluate(`airlock.answers.push(${JSON.stringify(JSON.stringify(answer))})`);
    }
    return {
      open: await longest(stage, () => open(panel)),
      scroll: await longest(stage, () => scroll(panel)),
      stream: await longest(stage, () => stream(panel)),
      append: await longest(stage, () => append(panel, length)),
    };
  } finally {
    await panel.close();
  }
}

async function longest(stage: Stage, phase: () => Promise<void>): Promise<number> {
  await stage.browser.startTracing(undefined, { categories: ['toplevel', 'devtools.timeline'] });
  await phase();
  const trace = traceShape.parse(JSON.parse((await stage.browser.stopTracing()).toString()));
  // The page's main thread is the one that draws frames.
  const page = trace.traceEvents.find(({ name }) => name === 'FireAnimationFrame');
  const tasks = trace.traceEvents.filter(
    ({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && pid === page?.pid && tid === page.tid,
  );
  if (tasks.length === 0) throw new Error('The trace holds no task of the page.');
  return Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000;
}

/** The answers as the editor gives them: one after the other, each in its own task. */
async function open(panel: PanelPage): Promise<void> {
  await panel.page.evaluate('airlock.replay()');
  await panel.drawn(60);
}

/** From the end to the beginning in 40 leaps, as somebody who drags the bar, then a stretch by the wheel. */
async function scroll(panel: PanelPage): Promise<void> {
  for (let step = 40; step >= 0; step--) {
    await panel.page.evaluate(
      `{ const log = document.querySelector('[role=log]'); log.scrollTop = log.scrollHeight * ${step / 40}; }`,
    );
    await panel.drawn(2);
  }
  await panel.page.mouse.move(200, 300);
  for (let turn = 0; turn < 30; turn++) {
    await panel.page.mouse.wheel(0, 400);
    await panel.drawn(1);
  }
}

const run = {
  kind: 'command',
  id: 'run',
  command: 'npm test',
  cwd: '/w',
  output: '',
  omittedBytes: 0,
  state: 'running',
  startedAt: 0,
} as const;

/** A long answer and a chatty command at once, in small pieces. */
async function stream(panel: PanelPage): Promise<void> {
  await panel.page.getByRole('button', { name: 'Jump to latest' }).click();
  const items = [message('', 'answer', true), run];
  await panel.send(status({ session: working, canStop: true }), { type: 'items', items });
  const words = 'A sentence with **bold** words, `code` and a [link](src/a.js) in it. ';
  for (let piece = 0; piece < 200; piece++) {
    const text = piece % 10 === 9 ? `${words}\n\n` : words;
    const output = `\u001b[32m✔\u001b[39m test ${piece} passed\n`.repeat(40);
    const deltas: ToPanel[] = [
      { type: 'text-delta', id: 'answer', text },
      { type: 'output-delta', id: 'run', text: output },
    ];
    await panel.page.evaluate(`airlock.send(...${JSON.stringify(deltas)})`);
    await panel.drawn(1);
  }
}

/** New items one by one, many per frame. */
async function append(panel: PanelPage, from: number): Promise<void> {
  const items = longTranscript(from + 500).slice(from);
  await panel.page.evaluate('airlock.answers.length = 0');
  for (const item of items) {
    const answer: ToPanel = { type: 'items', items: [{ ...item, id: `new-${item.id}` }] };
    await panel.page.evaluate(`airlock.answers.push(${JSON.stringify(JSON.stringify(answer))})`);
  }
  await panel.page.evaluate('airlock.replay()');
  await panel.drawn(60);
}
