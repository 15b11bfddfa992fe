import { stateMessages } from '../../../../src/ui/panel/chunks.ts';
import type { ToPanel } from '../../../../src/shared/protocol.ts';
import { longTranscript } from './long.ts';
import { PanelPage, type Stage } from './page.ts';
import { message, session, stateOf, status, working } from './states.ts';

/** The longest times, in milliseconds, for which the page could not answer a key; 0 where no task took 50. */
export interface LongTasks {
  readonly open: number;
  readonly scroll: number;
  readonly stream: number;
  readonly append: number;
}

/** Opens, scrolls and continues a transcript of `length` items and says how long the page was ever blocked. */
export async function measureLongTasks(stage: Stage, length: number): Promise<LongTasks> {
  const answers = stateMessages(stateOf({ session, transcript: longTranscript(length) }));
  const panel = await PanelPage.open(stage.browser, stage.origin, { answers });
  try {
    await panel.drawn(60);
    const open = await longest(panel);
    await scroll(panel);
    const scrolled = await longest(panel);
    await stream(panel);
    const streamed = await longest(panel);
    await append(panel, length);
    return { open, scroll: scrolled, stream: streamed, append: await longest(panel) };
  } finally {
    await panel.close();
  }
}

async function longest(panel: PanelPage): Promise<number> {
  return Math.max(0, ...(await panel.longTasks()).map(({ duration }) => duration));
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

/** A long answer and a chatty command at once, in small pieces. */
async function stream(panel: PanelPage): Promise<void> {
  await panel.page.getByRole('button', { name: 'Jump to latest' }).click();
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
  await panel.send(status({ session: working, canStop: true }), {
    type: 'items',
    items: [message('', 'answer', true), run],
  });
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
  const messages = items.map((item): ToPanel => ({ type: 'items', items: [{ ...item, id: `new-${item.id}` }] }));
  await panel.send(...messages);
  await panel.drawn(60);
}
