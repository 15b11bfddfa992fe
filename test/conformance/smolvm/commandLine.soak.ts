import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inGuest, relPath } from '../../../src/core/paths.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { Guest } from '../../../src/sandbox/smolvm/guest/guest.ts';
import { HostKeys } from '../../../src/sandbox/smolvm/guest/hostKeys.ts';
import { Records } from '../../../src/sandbox/smolvm/records.ts';
import { SmolVmSandbox } from '../../../src/sandbox/smolvm/sandbox.ts';
import { Program } from '../../../src/sandbox/smolvm/program/index.ts';
import { vmOf } from '../../../src/sandbox/smolvm/vm.ts';
import { tarOf } from '../../support/tarOf.ts';
import { never } from '../harness.ts';
import { bytesOf, request, run, Watched } from '../running.ts';
import { openScreen, script } from '../screen.ts';
import { created, deleted, freshName, programOf, rigOrSkip } from './programs.ts';

/** Everything through the program's own `exec`, as where a microVM has no SSH server that can be reached. */
describe('a virtual machine that only its command line reaches', function () {
  this.timeout(600_000);
  const name = freshName();
  const folder = mkdtempSync(join(tmpdir(), 'airlock-command-line-'));
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  let program: Program;
  let sandbox: Sandbox | undefined;
  const own = () => sandbox ?? assert.fail();

  before(async function () {
    program = programOf(await rigOrSkip(this), 'smolvm', log);
    await created(program, name);
    const hostKeys = new HostKeys(join(folder, 'keys'));
    const vm = vmOf(program, name, 'smolvm');
    const guest = await Guest.open(vm, { hostKeys, endpoint: undefined, log }, never);
    const state = { program: 'smolvm' as const, vmId: name, deleteOnClose: true };
    const ground = { program, records: new Records(folder), hostKeys, log };
    sandbox = new SmolVmSandbox({ ground, vm, state, guest, backend: 'qemu' });
  });
  after(async () => {
    await sandbox?.delete(never);
    await deleted(program, name);
    rmSync(folder, { recursive: true, force: true });
  });

  it('says in the log that it is slow', () => {
    assert.ok(lines.some((line) => line.includes('its command line carries everything, slowly')));
  });

  it('runs commands with streams, input and ends of their own', async () => {
    const done = await run(own(), 'read x; echo "$x"; echo err >&2; exit 7', { stdin: bytesOf('in\n') });
    assert.deepEqual([done.out, done.err, done.outcome], ['in\n', 'err\n', { kind: 'exited', code: 7 }]);
  });

  it('aborts a command and confirms its end', async () => {
    const controller = new AbortController();
    const watched = new Watched(own().exec(request(own(), 'echo up; sleep 424242', { signal: controller.signal })));
    await watched.saw('up');
    controller.abort();
    assert.deepEqual(await watched.finished, { kind: 'stopped', by: 'abort', killed: 'group' });
    assert.equal((await run(own(), 'pgrep -f "sleep 4242[4]2"')).out, '');
  });

  it('takes files in', async () => {
    const root = inGuest(own().workspaceRoot, relPath('project'));
    const upload = await own().upload(tarOf([['file', 'content']]), [], { root, mode: 'replace', signal: never });
    assert.deepEqual(upload, { kind: 'committed' });
    assert.equal((await run(own(), 'cat project/file')).out, 'content');
  });

  it('has terminals, and says that ports are out of reach', async () => {
    const screen = await openScreen(own(), script('echo up; read x; echo "got $x"; exit 5'));
    await screen.saw(/up/);
    await screen.type('it\r');
    await screen.saw(/got it/);
    assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code: 5 });
    await assert.rejects(own().dial(80, never), /no SSH server/);
  });
});
