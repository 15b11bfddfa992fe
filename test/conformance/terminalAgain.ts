import assert from 'node:assert/strict';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { mintId, type OpId } from '../../src/shared/ids.ts';
import { never, resumeSandbox, type Traits } from './harness.ts';
import { eventually, processes } from './running.ts';
import { openScreen, Screen, script } from './screen.ts';

/** Terminals that are let go of, and found again where this kind of sandbox keeps them. */
export function terminalAgainChapter(traits: Traits, sandbox: () => Sandbox): void {
  const keep = (op: OpId) => ({ op, onLinkLoss: 'keep' as const });
  const kept = async (from = sandbox()) => (await from.keptTerminals?.(never)) ?? [];
  const join = async (op: OpId, from = sandbox()) => {
    return new Screen((await from.joinTerminal?.(op, never)) ?? assert.fail());
  };

  it('says truly whether terminals can be found again', () => {
    const own = sandbox();
    const can = traits.keepsTerminals === true;
    assert.deepEqual(['keptTerminals' in own, 'joinTerminal' in own], [can, can]);
    assert.ok(own.caps.terminalReattach || !can);
  });

  it('can be let go of', async () => {
    const screen = await openScreen(sandbox(), script('echo up; sleep 161804'));
    await screen.saw(/up/);
    await screen.terminal.detach();
    assert.deepEqual(await screen.terminal.ended, { kind: 'detached' });
  });

  it('keeps nothing of one whose opening was cancelled', async () => {
    const abort = new AbortController();
    const request = { cwd: sandbox().workspaceRoot, cols: 80, rows: 24, ...script('sleep 161806') };
    const opening = sandbox().openTerminal({ ...request, ...keep(mintId('op')) }, abort.signal);
    abort.abort();
    await assert.rejects(opening);
    await eventually(async () => !/sleep 161806/.test(await processes(sandbox())));
    await eventually(async () => (await kept()).length === 0);
  });

  if (traits.keepsTerminals !== true) return;

  it('ends one that nobody asked to keep once it is let go of', async () => {
    const screen = await openScreen(sandbox(), script('echo up; sleep 161805'));
    await screen.saw(/up/);
    await screen.terminal.detach();
    assert.deepEqual(await screen.terminal.ended, { kind: 'detached' });
    await eventually(async () => !/sleep 161805/.test(await processes(sandbox())));
  });

  it('keeps one with what it shows meanwhile, its size, its input and its end', async () => {
    const op = mintId('op');
    const program = 'echo one; read x; echo "got $x"; stty size; read y; stty size; exit $y';
    const first = await openScreen(sandbox(), { ...script(program), ...keep(op) });
    assert.equal(first.terminal.id, op);
    await first.saw(/one/);
    await first.type('while here\r');
    await first.saw(/got while here\r\n30 100/);
    await first.terminal.detach();
    assert.deepEqual(await first.terminal.ended, { kind: 'detached' });
    assert.deepEqual(await kept(), [op]);
    const second = await join(op);
    await second.saw(/one[^]*got while here\r\n30 100/);
    await second.terminal.resize(77, 22);
    await second.type('9\r');
    await second.saw(/22 77/);
    assert.deepEqual(await second.terminal.ended, { kind: 'exited', code: 9 });
    assert.deepEqual(await kept(), []);
    const third = await join(op);
    assert.deepEqual(await third.terminal.ended, { kind: 'exited', code: 9 });
    await third.drained;
    assert.match(third.text, /22 77/, 'its last words are there for who comes too late');
  });

  it('goes on while nobody looks', async () => {
    const op = mintId('op');
    const loop = 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo "count $i"; done; echo finished; read x';
    const screen = await openScreen(sandbox(), { ...script(loop), ...keep(op) });
    await screen.saw(/count 10\r/);
    await screen.terminal.detach();
    const again = await join(op);
    await again.saw(/count 30000\r\nfinished/);
    assert.ok(again.text.length < 400_000, 'only the last part is kept');
    assert.deepEqual(await again.terminal.kill(), { kind: 'done' });
    assert.deepEqual(await kept(), []);
  });

  it('shows one to several at once', async () => {
    const op = mintId('op');
    const owner = await openScreen(sandbox(), { ...script('echo up; read x; echo "got $x"; read y'), op });
    await owner.saw(/up/);
    const guest = await join(op);
    await guest.saw(/up/);
    await guest.type('from the guest\r');
    await owner.saw(/got from the guest/);
    await guest.saw(/got from the guest/);
    await guest.terminal.detach();
    await owner.type('\r');
    assert.deepEqual(await owner.terminal.ended, { kind: 'exited', code: 0 });
  });

  it('finds one again from another program, as after a reload', async () => {
    const op = mintId('op');
    const before = await openScreen(sandbox(), { ...script('echo up; read x; exit 4'), ...keep(op) });
    await before.saw(/up/);
    await before.terminal.detach();
    const { kind, sandbox: after } = await resumeSandbox(traits, sandbox().state());
    assert.equal(kind, 'live');
    assert.deepEqual(await kept(after), [op]);
    const again = await join(op, after);
    await again.saw(/up/);
    await again.type('\r');
    assert.deepEqual(await again.terminal.ended, { kind: 'exited', code: 4 });
    await after.detach();
  });

  it('says so where there is none', async () => {
    await assert.rejects(join(mintId('op')), /not there/);
  });
}
