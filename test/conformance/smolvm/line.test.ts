import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { mintId } from '../../../src/shared/ids.ts';
import { prepareGuest } from '../../../src/sandbox/smolvm/enter.ts';
import { SshConnection } from '../../../src/sandbox/smolvm/guest/connection.ts';
import { Guest } from '../../../src/sandbox/smolvm/guest/guest.ts';
import { skipBecause } from '../../support/commands/results.ts';
import { SshGuest } from '../../support/ssh/guest.ts';
import { frozenChapter } from '../frozen.ts';
import { never } from '../harness.ts';
import { eventually, request, run, sh, Watched } from '../running.ts';
import { openScreen, script } from '../screen.ts';
import { SshDesk } from './sshDesk.ts';

/** What the one connection to a guest is worth, against a real SSH server that can be killed and given another key. */
describe('the connection to a guest', function () {
  let desk: SshDesk;
  let vm: SshGuest;

  before(async function () {
    const reason = await SshGuest.unavailable();
    if (reason !== undefined) skipBecause(this, reason);
  });
  beforeEach(async () => {
    desk = new SshDesk();
    ({ vm } = desk);
    await vm.start();
  });
  afterEach(() => desk.close());

  const open = (deleteOnClose?: boolean) => desk.open(deleteOnClose);

  frozenChapter(open);

  it('is made anew where it drops: commands and terminals go on and are followed to their ends', async () => {
    const sandbox = await open();
    const slow = new Watched(
      sandbox.exec(request(sandbox, 'echo began; until [ -e go ]; do sleep 0.1; done; echo over; exit 3')),
    );
    const screen = await openScreen(sandbox, {
      ...script('echo up; read x; echo "got $x"; exit 4'),
      onLinkLoss: 'keep',
    });
    await Promise.all([slow.saw('began'), screen.saw(/up/)]);
    vm.dropConnections();
    await eventually(async () => (await run(sandbox, ': >go')).outcome.kind === 'exited');
    assert.deepEqual(await slow.finished, { kind: 'exited', code: 3 });
    assert.match(slow.text, /^began\nover\n$/);
    await eventually(async () => {
      await screen.type('there\r');
      return /got/.test(screen.text);
    });
    assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code: 4 });
    await sandbox.detach();
  });

  it('is refused where the guest shows another host key than before, and nothing is sent', async () => {
    const sandbox = await open();
    await sandbox.detach();
    await vm.stop();
    vm.newHostKey();
    await vm.start();
    await assert.rejects(open(), /host key of the microVM is not the one/);
  });

  it('is refused where it shows another host key after it was let go of', async () => {
    const sandbox = await open(false);
    assert.deepEqual(await sandbox.delete(never), { kind: 'done' });
    await vm.stop();
    vm.newHostKey();
    await vm.start();
    await assert.rejects(open(false), /host key of the microVM is not the one/);
  });

  it('is refused where the program tells of another host key, also the first time', async () => {
    vm.toldKey = Buffer.from('another').toString('base64');
    await assert.rejects(open(), /host key of the microVM is not the one/);
    vm.toldKey = vm.shownKey;
    await (await open()).detach();
  });

  it('is given up where the login shell inside prints without end, does not end, or nobody waits any more', async () => {
    vm.profile = 'yes';
    await assert.rejects(open(), /login shell prints without end/);
    vm.profile = 'sleep infinity';
    const cancel = new AbortController();
    const { hostKeys, lines } = desk;
    const parts = { hostKeys, endpoint: vm.endpoint, log: (line: string) => void lines.push(line) };
    const cancelled = Guest.open(vm, parts, cancel.signal);
    await eventually(() => Promise.resolve(lines.some((line) => line.startsWith(`connected to ${vm.name}`))));
    cancel.abort();
    await assert.rejects(cancelled, /It was cancelled/);
    const connection = await SshConnection.open(vm.endpoint ?? assert.fail(), () => Promise.resolve(true), never);
    await assert.rejects(prepareGuest(connection, never, 300), /does not come to its end/);
    connection.close();
  });

  it('is dropped for a pause, which commands and terminals outlive, and is made anew when it goes on', async () => {
    const sandbox = await open();
    const { incarnation } = sandbox;
    const counts = new Watched(
      sandbox.exec(request(sandbox, 'i=0; while [ ! -e go ]; do echo $((i+=1)); sleep 0.1; done; exit 3')),
    );
    const screen = await openScreen(sandbox, { ...script('echo up; read x; echo "got $x"'), onLinkLoss: 'keep' });
    await Promise.all([counts.saw('5\n'), screen.saw(/up/)]);
    assert.deepEqual(await sandbox.pause?.(never), { kind: 'done' });
    assert.equal((await run(sandbox, 'true')).outcome.kind, 'not-started');
    const seen = counts.text;
    assert.deepEqual(await sandbox.start(never), { kind: 'done' });
    assert.equal(sandbox.incarnation, incarnation);
    await sh(sandbox, ': >go');
    assert.deepEqual(await counts.finished, { kind: 'exited', code: 3 });
    assert.ok(counts.text.startsWith(seen));
    assert.match(counts.text, /^(\d+\n)+$/);
    await screen.type('there\r');
    await screen.saw(/got there/);
    await sandbox.detach();
  });

  it('touches nothing of the user', async () => {
    const own = join(homedir(), '.ssh/known_hosts');
    const read = () => (existsSync(own) ? readFileSync(own, 'utf8') : undefined);
    const before = read();
    const sandbox = await open();
    await sh(sandbox, 'true');
    await sandbox.detach();
    assert.equal(read(), before);
  });

  it('serves two windows at once, and one finds what the other began', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const op = mintId('op');
    const begun = new Watched(one.exec(request(one, 'echo up; read x; echo "$x"', { op, stdin: endless() })));
    await begun.saw('up');
    const found = await other.attach(op);
    assert.ok(typeof found === 'object');
    const seen = new Watched(found);
    await found.interrupt('KILL');
    assert.deepEqual(await seen.finished, { kind: 'signaled', signal: 'SIGKILL' });
    assert.deepEqual(await begun.finished, { kind: 'signaled', signal: 'SIGKILL' });
    await one.detach();
    assert.equal((await run(other, 'echo lives')).out, 'lives\n');
    await other.detach();
  });

  it('ends with the guest, and what was under way with it', async () => {
    const sandbox = await open();
    const under = new Watched(sandbox.exec(request(sandbox, 'echo up; sleep 600')));
    await under.saw('up');
    await vm.stop();
    assert.equal((await under.finished).kind, 'stopped');
    assert.equal((await run(sandbox, 'true')).outcome.kind, 'not-started');
    await sandbox.detach();
  });
});

async function* endless(): AsyncGenerator<Uint8Array> {
  await new Promise(() => undefined);
  yield new Uint8Array(0);
}
