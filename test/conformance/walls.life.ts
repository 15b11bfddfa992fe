import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { it } from 'mocha';
import type { Jail, JailYard } from '../support/process/jail.ts';

const escapees = [
  'setsid sleep 1001 &',
  '(sleep 1002 &) &',
  'nohup sleep 1003 >/dev/null 2>&1 &',
  'env -i setsid sleep 1004 &',
  `env -i sh -c '(env -i setsid sleep 1005 &)'`,
  `sh -c 'trap "" TERM INT HUP; sleep 1006' &`,
  `sh -c 'while :; do :; done; : 1007' &`,
].join('\n');
const stillThere = `ps -eo args | grep -E '(sleep 100|: 100)[1-7]' | grep -v grep | wc -l`;

/** How a sandbox and what runs in it can be ended, and what cannot be escaped from. */
export function describeEscapes(now: () => { yard: JailYard; jail: Jail }): void {
  it('ends what tried to escape from an aborted command, and nothing else', async () => {
    const { jail } = now();
    await jail.run('sleep 2001 >/dev/null 2>&1 & echo started');
    const running = jail.run(`${escapees}\ntouch /tmp/ready; sleep 1000`, { op: 'op-escapees' });
    await jail.run('while [ ! -e /tmp/ready ]; do sleep 0.05; done');
    // Each is a copy of its shell first.
    while (!/^[789]$/m.test((await jail.run(stillThere)).text));
    await jail.abort('op-escapees');
    assert.deepEqual((await running).outcome, { kind: 'stopped', by: 'abort', killed: 'tree' });
    assert.equal((await jail.run(stillThere)).text.trim(), '0');
    assert.match((await jail.run('pgrep -c -f "sleep 2001"')).text, /^[12]$/m);
  });

  it('knows that nothing is left of an aborted command also while a large program of it still goes', async () => {
    const { jail } = now();
    const other = jail.run('sleep 4001', { op: 'op-other' });
    // What has lost its memory already, which takes a while to free, shows no longer whose it was.
    const large = `perl -e '$x = "x" x 300_000_000; open F, ">/tmp/large"; close F; sleep 4002'`;
    const running = jail.run(`(setsid ${large} &); sleep 4003`, { op: 'op-large' });
    await jail.run('while [ ! -e /tmp/large ]; do sleep 0.05; done; rm /tmp/large');
    await jail.abort('op-large');
    assert.deepEqual((await running).outcome, { kind: 'stopped', by: 'abort', killed: 'tree' });
    await jail.abort('op-other');
    assert.equal((await other).outcome.kind, 'stopped');
  });

  it('ends a program whose first thread has gone, and looks dead by that', async () => {
    const { jail } = now();
    const exitThread = process.arch === 'arm64' ? 93 : 60;
    const half = `perl -Mthreads -e 'threads->create(sub { open F, ">/tmp/half"; print F $$; close F; sleep 5001 }); syscall(${exitThread}, 0)'`;
    const other = jail.run('sleep 5003', { op: 'op-beside' });
    const running = jail.run(`(setsid ${half} &); sleep 5002`, { op: 'op-half' });
    await jail.run('while [ ! -s /tmp/half ]; do sleep 0.05; done');
    await jail.abort('op-half');
    assert.deepEqual((await running).outcome, { kind: 'stopped', by: 'abort', killed: 'tree' });
    assert.equal((await jail.run('ls -d /proc/$(cat /tmp/half) 2>/dev/null; echo looked')).text, 'looked\n');
    await jail.abort('op-beside');
    assert.equal((await other).outcome.kind, 'stopped');
  });

  it('contains a fork bomb and stays usable', async () => {
    const { jail } = now();
    const { outcome } = await jail.run('bomb() { bomb | bomb & }; bomb; sleep 60', { deadlineMs: 2000 });
    assert.deepEqual(outcome, { kind: 'stopped', by: 'deadline', killed: 'tree' });
    assert.equal((await jail.run('echo usable')).text, 'usable\n');
  });

  it('counts processes', async () => {
    const forks = `perl -e 'for (1..400) { $p = fork; if (!defined $p) { print "refused"; kill 9, @k; exit } if (!$p) { sleep 30; exit } push @k, $p }'`;
    assert.equal((await now().jail.run(forks)).text, 'refused');
  });

  it('ends the largest process when all together take too much memory', async () => {
    const hogs = `for i in 1 2 3; do perl -e '$x = "x" x 150_000_000; $y = $x . "y"; sleep 30; print "LEAK\\n"' & done; wait -n; echo one-ended`;
    const { text } = await now().jail.run(hogs);
    assert.match(text, /Killed[^]*one-ended/);
    assert.doesNotMatch(text, /^LEAK$/m);
  });

  it('ends the sandbox from outside when its supervisor was stopped', async () => {
    const { yard } = now();
    const jail = yard.open();
    await jail.create();
    const running = jail.run('kill -STOP 2; sleep 1000', { op: 'op-stopper' });
    await stopped(jail);
    await jail.abort('op-stopper');
    assert.deepEqual((await running).outcome, { kind: 'stopped', by: 'abort', killed: 'tree' });
    assert.equal(await jail.settle('start'), 'done');
    assert.equal((await jail.run('echo again')).text, 'again\n');
    await jail.close();
  });

  it('dies with its keeper', async () => {
    const { yard } = now();
    const jail = yard.open();
    await jail.create();
    const { keeper } = jail.state.data;
    const inside = childrenOf(keeper.pid);
    assert.ok(inside.length > 0);
    process.kill(keeper.pid, 'SIGKILL');
    await until(() => inside.every((pid) => !alive(pid)));
    await jail.close();
  });

  it('survives a crash of who started it, and is found again', async () => {
    const { yard } = now();
    const first = yard.open();
    await first.create();
    await first.run('sleep 3001 >/dev/null 2>&1 & echo kept > note');
    const { state } = first;
    await first.crash();
    const second = yard.open();
    assert.equal(await second.resume(state), 'live');
    assert.match((await second.run('pgrep -c -f "sleep 3001"; cat note')).text, /^[12]\nkept$/m);
    await second.close();
  });

  it('ends when nobody comes after a crash, and keeps its files', async () => {
    const { yard } = now();
    const first = yard.open(500);
    await first.create();
    await first.run('sleep 3002 >/dev/null 2>&1 & echo kept > note');
    const { state } = first;
    const inside = childrenOf(state.data.keeper.pid);
    await first.crash();
    await until(() => !alive(state.data.keeper.pid) && inside.every((pid) => !alive(pid)));
    const second = yard.open();
    assert.equal(await second.resume(state), 'restarted');
    assert.equal((await second.run('cat note; pgrep -c -f "sleep 3002"')).text, 'kept\n0\n');
    await second.close();
  });

  it('has no network any more once whoever opened it is killed', async () => {
    const { yard } = now();
    const listens = `node -e 'require("net").connect(3128, "127.0.0.1").on("error", (e) => console.log(e.code)).on("connect", () => { console.log("open"); process.exit() })'`;
    const first = yard.open();
    await first.create();
    await first.allow('allowed.example.com');
    assert.equal((await first.run(`echo $HTTPS_PROXY; ${listens}`)).text, 'http://127.0.0.1:3128\nopen\n');
    const { state } = first;
    await first.crash();
    const second = yard.open();
    assert.equal(await second.resume(state), 'live');
    // Inside the end of the first one is heard in a moment of its own.
    while ((await second.run(`env | grep -i proxy; ${listens}`)).text !== 'ECONNREFUSED\n');
    await second.close();
  });

  it('removes a session without touching what its links point at', async () => {
    const { yard } = now();
    const outside = mkdtempSync('/tmp/airlock-outside-');
    mkdirSync(join(outside, 'kept'), { mode: 0o777 });
    writeFileSync(join(outside, 'kept', 'file'), 'kept', { mode: 0o666 });
    const jail = yard.open();
    await jail.create();
    const { folder } = jail.state.data;
    await jail.run(
      `ln -s ${outside} a; ln -s ${outside}/kept/file b; mkdir -p shut/deep; ln -s ${outside}/kept shut/deep/c; chmod 000 shut; mkdir ~/x; chmod 0 ~/x`,
    );
    assert.equal(await jail.settle('delete'), 'done');
    assert.equal(existsSync(folder), false);
    assert.equal(readFileSync(join(outside, 'kept', 'file'), 'utf8'), 'kept');
    assert.equal(await jail.settle('delete'), 'done');
    rmSync(outside, { recursive: true });
    await jail.close();
  });
}

/** Waits until a command can no longer be started, as the supervisor is stopped. */
async function stopped(jail: Jail): Promise<void> {
  const { keeper } = jail.state.data;
  await until(() => allBelow(keeper.pid).some((pid) => stateOf(pid) === 'T'));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

function allBelow(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...allBelow(child)]);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function alive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && stateOf(pid) !== 'Z';
}

function stateOf(pid: number): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
