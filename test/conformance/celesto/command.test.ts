import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repository } from '../../support/commands/places.mjs';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { readOptions, usage } from '../../support/celesto/options.ts';
import { leftRunning } from '../../support/process/leftRunning.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { ask, Attached, made, run } from './asking.ts';
import { doubleFor, endDouble } from './judged.ts';

describe('the command that starts a double', function () {
  this.timeout(240_000);
  let folder = '';
  const running = new Set<ChildProcess>();
  before(async function () {
    // Skips where a double cannot be had at all.
    await endDouble(await doubleFor(this));
    folder = mkdtempSync(join(tmpdir(), 'double-command-'));
    chmodSync(folder, 0o711);
  });
  after(async () => {
    for (const child of running) child.kill('SIGTERM');
    await eventually(() => Promise.resolve(running.size === 0 || undefined), 'the end of what a failed test left');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (program: string, args: readonly string[]) => {
    const child: ChildProcess = spawn(program, [...args, '--port', '0', '--api-key', 'KEY'], {
      cwd: repository,
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    const lines: string[] = [];
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    const line = await eventually(() => Promise.resolve(lines[0]), 'its line');
    const told = JSON.parse(line) as CelestoDouble;
    return { child, ended, double: told, lines };
  };

  const used = async (double: CelestoDouble) => {
    assert.deepEqual(Object.keys(double), ['url', 'apiKey']);
    const computer = await made(double);
    assert.equal(await run(double, computer, 'sleep 1000 >/dev/null 2>&1 & echo runs'), 'runs\n');
    const attached = await Attached.to(await ask(double, 'POST', `${computer}/terminals`));
    await attached.shows('$ ');
    await ask(double, 'POST', `${computer}/published-ports`, { port: 8000 });
    assert.ok(leftRunning(folder).length > 0);
  };

  const nothingLeft = async () => {
    await eventually(() => Promise.resolve(leftRunning(folder).length === 0 || undefined), 'the end of all processes');
    assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
  };

  const script = `${repository}/test/support/commands/celestoDouble.ts`;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`prints one line, serves, and leaves nothing behind at ${signal}`, async () => {
      const { child, ended, double, lines } = await start(process.execPath, [script]);
      await used(double);
      child.kill(signal);
      assert.equal(await ended, 0);
      assert.equal(lines.length, 1);
      await nothingLeft();
      await assert.rejects(ask(double, 'GET', '/v1/computers'));
    });
  }

  it('does so by its npm script', async () => {
    const { child, ended, double } = await start('npm', ['run', '-s', 'celesto-double', '--']);
    await used(double);
    child.kill('SIGTERM');
    await ended;
    await nothingLeft();
  });

  it('reads its options, and refuses what it does not know by name', () => {
    const read = (...args: string[]) => readOptions(args);
    const all = read(
      ...['--exec-limit', 'off', '--no-stream', '--rtt', '30', '--bandwidth', '20000000', '--provision-ms', '5'],
      ...[
        '--async-create',
        '--manual-restore',
        '--crlf',
        '--raw-utf8',
        '--rate-limit',
        '10/1000',
        '--scopes',
        'computers:read',
      ],
      ...['--reserved-ports', '3000,3001', '--fault', 'drop-after@3', '--fault', '500@1:DELETE /v1'],
    );
    assert.deepEqual(all, {
      kind: 'options',
      options: {
        execLimit: 'off',
        stream: false,
        rttMs: 30,
        bitsPerSecond: 20_000_000,
        provisionMs: 5,
        asyncCreate: true,
        restoreMs: undefined,
        streamStyle: { blankLines: true, ascii: false, crlf: true, comments: false, started: true, typed: true },
        rateLimit: { requests: 10, perMs: 1000 },
        scopes: ['computers:read'],
        reservedPorts: [3000, 3001],
        faults: [
          { kind: 'drop-after', at: 3 },
          { kind: '500', at: 1, match: 'DELETE /v1' },
        ],
      },
    });
    for (const wrong of [
      ['--exec-limit', 'half'],
      ['--rtt', 'x'],
      ['--fault', 'odd@1'],
      ['--unknown'],
      ['--scopes', 'all'],
      ['--reserved-ports', 'x'],
    ]) {
      const answer = read(...wrong);
      assert.ok(answer.kind === 'wrong' && answer.message.includes(wrong[0] ?? ''), wrong.join(' '));
    }
    assert.equal(read('--help').kind, 'help');
    assert.ok(usage.split('\n').every((line) => line.length < 160));
  });
});
