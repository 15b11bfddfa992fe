// Terminals in the built-in sandbox, through the filter, beside a pseudo-terminal opened directly on the same shell.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestPath } from '../../src/core/paths.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { TerminalFilter } from '../../src/core/terminal/filter.ts';
import { thisMachine } from '../../src/host/spawn.ts';
import { processProvider } from '../../src/sandbox/process/index.ts';
import { Marks } from '../../src/sandbox/process/inside/marks.ts';
import { openPty } from '../../src/sandbox/process/inside/openPty.ts';
import { mintId } from '../../src/shared/ids.ts';
import { cache } from '../support/commands/places.mjs';
import { bundlePrograms } from '../support/programs.ts';
import { ensureEditor } from '../support/vscode/editor.ts';
import { median, report, timed, type Measure } from './report.ts';

const { signal } = new AbortController();
const megabytes = 10;
const echoes = 300;
const rounds = 9;

/** One terminal with a shell in it, whichever way it was opened. */
interface Shell {
  type(text: string): void;
  /** Calls back with each piece of text that would be shown. */
  onText(take: (text: string) => void): void;
  close(): Promise<void>;
}

const shell = { argv: ['/bin/sh'], cols: 80, rows: 24 };

async function inSandbox(sandbox: Sandbox): Promise<Shell> {
  const terminal = await sandbox.openTerminal({ ...shell, cwd: guestPath('/workspace'), env: { PS1: '' } }, signal);
  const filter = new TerminalFilter();
  let take: (text: string) => void = () => undefined;
  const pump = async () => {
    for await (const bytes of terminal.read) take(filter.push(bytes));
  };
  const pumping = pump();
  return {
    type: (text) => void terminal.write(Buffer.from(text)),
    onText: (taker) => (take = taker),
    close: async () => {
      await terminal.kill();
      await pumping;
    },
  };
}

async function onHost(nodePty: string, scratch: string): Promise<Shell> {
  const env = { PATH: '/usr/bin:/bin', TERM: 'xterm-256color', PS1: '' };
  const { pty } = await openPty(
    { ...shell, op: mintId('op'), cwd: '/', env },
    { marks: new Marks(), scratch, nodePty },
  );
  const decoder = new TextDecoder();
  let take: (text: string) => void = () => undefined;
  pty.onData((bytes) => take(decoder.decode(bytes, { stream: true })));
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  return {
    type: (text) => void pty.write(Buffer.from(text)),
    onText: (taker) => (take = taker),
    close: async () => {
      pty.hangUp();
      await ended;
    },
  };
}

/** Types and waits until `expected` was shown. */
function shows(
  from: Shell,
  typed: string,
  expected: (seen: { text: string; length: number }) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const seen = { text: '', length: 0 };
    from.onText((text) => {
      seen.length += text.length;
      seen.text = (seen.text + text).slice(-100);
      if (expected(seen)) resolve();
    });
    from.type(typed);
  });
}

/** One key at a time, both sides by turns so that other load falls on both alike. */
async function echoMeasure(inside: Shell, direct: Shell): Promise<Measure> {
  const key = (side: Shell) => timed(() => shows(side, 'x', ({ text }) => text.includes('x')));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < echoes; round += 1) {
    ours.push(await key(inside));
    theirs.push(await key(direct));
  }
  return { name: 'terminal.echo', ours: median(ours), theirs: median(theirs), unit: 'ms', mostAdded: 5 };
}

async function throughputMeasure(inside: Shell, direct: Shell): Promise<Measure> {
  const line = 'a line of coloured text as programs print it, 0123456789';
  const print = `\u0015yes "$(printf '\\033[32m${line}\\033[0m')" | head -c ${megabytes * 1_000_000}; printf 'do''ne'\r`;
  const speed = async (side: Shell) => {
    const ms = await timed(() => shows(side, print, ({ text }) => text.includes('done')));
    return (megabytes * 1000) / ms;
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await speed(inside));
    theirs.push(await speed(direct));
  }
  return {
    name: 'terminal.throughput',
    ours: median(ours),
    theirs: median(theirs),
    unit: 'MB/s',
    moreIsBetter: true,
    limit: 0.5,
  };
}

await ensureEditor();
const nodePty = `${cache}/code-server/node_modules/code-server/lib/vscode/node_modules/node-pty`;
const scratch = await mkdtemp(join(tmpdir(), 'airlock-bench-'));
try {
  const provider = processProvider({
    machine: thisMachine(),
    storage: join(scratch, 'sandboxes'),
    programs: await bundlePrograms(join(scratch, 'programs')),
    nodePty,
    log: () => undefined,
  });
  const options = { settings: provider.settings.parse({}), toolchains: [] };
  const intent = { session: mintId('session'), key: mintId('op') };
  const created = await provider.create(options, intent, () => undefined, signal);
  if (created.kind !== 'ready') throw new Error(`No sandbox: ${created.problem.detail}`);
  try {
    const inside = await inSandbox(created.sandbox);
    const direct = await onHost(nodePty, scratch);
    report([await echoMeasure(inside, direct), await throughputMeasure(inside, direct)]);
    await inside.close();
    await direct.close();
  } finally {
    await created.sandbox.delete(signal);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
