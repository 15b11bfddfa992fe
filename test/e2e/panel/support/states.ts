import type { ToPanel } from '../../../../src/shared/protocol.ts';
import type { PanelState, SessionSummary, TranscriptItem } from '../../../../src/shared/view.ts';

const start = Date.UTC(2026, 10, 23, 12, 0, 0);

export const session: SessionSummary = {
  id: 's-0123456789abcdef0123',
  title: 'Fix the failing test',
  sandbox: 'Built-in sandbox',
  isolation: 'Commands run as confined processes on a private copy of the workspace.',
  folder: '/home/me/shop',
  status: 'idle',
  statusText: 'Ready',
  createdAt: start,
  updatedAt: start,
  changes: 0,
  elsewhere: false,
};

const base: PanelState = {
  transcript: [],
  model: { name: 'gpt-5.4', host: 'api.openai.com' },
  sandbox: { title: 'Built-in sandbox', isolation: session.isolation },
  canSend: true,
  canStop: false,
  canContinue: false,
  draft: '',
};

export function stateOf(more: Partial<PanelState> = {}): PanelState {
  return { ...base, ...more };
}

export function state(more: Partial<PanelState> = {}): ToPanel {
  return { type: 'state', state: stateOf(more) };
}

export function status(more: Partial<PanelState> = {}): ToPanel {
  const { transcript: _transcript, draft: _draft, ...rest } = stateOf(more);
  return { type: 'status', state: rest };
}

export function items(...list: TranscriptItem[]): ToPanel {
  return { type: 'items', items: list };
}

type Command = TranscriptItem & { kind: 'command' };

export function command(more: Partial<Command> = {}): Command {
  return {
    kind: 'command',
    id: 'c1',
    command: 'npm test',
    cwd: '/workspace/shop',
    output: '',
    omittedBytes: 0,
    state: 'ended',
    outcome: 'exit 0',
    ok: true,
    startedAt: start,
    endedAt: start + 2345,
    ...more,
  };
}

export function message(text: string, id = 'm1', streaming = false): TranscriptItem {
  return { kind: 'message', id, text, streaming };
}

export const working: SessionSummary = { ...session, status: 'working', statusText: 'Running npm test', changes: 4 };

const esc = '\u001b';

/** A walk that shows each kind of item. */
export const walk: readonly TranscriptItem[] = [
  {
    kind: 'prompt',
    id: 'p1',
    at: start,
    text: 'The test of the cart fails since yesterday.\nPlease find out why and fix it.',
  },
  message('I will run the tests first, then look at `src/cart.js`.', 'm1'),
  command({
    id: 'c1',
    outcome: 'exit 1',
    ok: false,
    omittedBytes: 18_400,
    output: `> shop@1.0.0 test\n> node --test\n\n${esc}[32m✔ adds an item${esc}[39m ${esc}[90m(0.6ms)${esc}[39m\n${esc}[31m✖ sums up the cart${esc}[39m ${esc}[90m(1.2ms)${esc}[39m\n  ${esc}[1mAssertionError${esc}[22m: Expected values to be strictly equal:\n  ${esc}[32m30${esc}[39m !== ${esc}[31m20${esc}[39m\n`,
  }),
  {
    kind: 'edit',
    id: 'e1',
    edit: 'update',
    path: 'src/cart.js',
    ok: true,
    diff: '@@ -4,7 +4,7 @@\n export function total(items) {\n-  return items.slice(1).reduce((sum, { price }) => sum + price, 0);\n+  return items.reduce((sum, { price }) => sum + price, 0);\n }\n',
  },
  { kind: 'edit', id: 'e2', edit: 'delete', path: 'src/old-cart.js', ok: false, detail: 'There is no such file.' },
  command({ id: 'c2', output: 'all good\n' }),
  message(
    'The sum left out the **first item**. Fixed in [src/cart.js](src/cart.js#L5); see [the manual](https://nodejs.org/api/test.html).\n\n' +
      '| Test | Before | After |\n|:--|:-:|--:|\n| adds an item | pass | pass |\n| sums up the cart | fail | pass |\n\n' +
      '1. removed `slice(1)`\n2. ran the tests again\n\n```js\nexport function total(items) {\n  return items.reduce((sum, { price }) => sum + price, 0);\n}\n```\n',
    'm2',
  ),
  { kind: 'prompt', id: 'p2', at: start, text: 'Start the server and add a page for refunds.' },
  command({ id: 'c3', command: 'npm run dev', state: 'background', output: 'Listening on http://localhost:5173\n' }),
  { kind: 'notice', id: 'n1', level: 'info', text: 'Stopped by you.' },
  {
    kind: 'notice',
    id: 'n2',
    level: 'error',
    text: 'The model refused the key.',
    fix: { id: 'set-key', title: 'Set Key' },
  },
];
