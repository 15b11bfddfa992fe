import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Sandbox } from '../../src/core/sandbox.ts';
import type { Traits } from './harness.ts';
import { eventually, processes, sh } from './running.ts';
import { openRaw, openScreen, script } from './screen.ts';

const mebibyte = 1024 * 1024;
/** What buffers on the way may hold while nobody reads. */
const mostUnderWay = 8 * mebibyte;

/** Terminals under load: nothing lost, nothing that grows, and Ctrl-C that gets through. */
export function terminalFlowChapter(traits: Traits, sandbox: () => Sandbox): void {
  it('carries unicode that is cut anywhere, both ways', async () => {
    const text = 'ü文🙂e\u0301';
    const bytes = Buffer.from(text);
    const screen = await openScreen(
      sandbox(),
      script(`stty raw -echo; echo up; head -c ${bytes.length}; printf "|end"`),
    );
    await screen.saw(/up/);
    for (const byte of bytes) await screen.terminal.write(Uint8Array.of(byte));
    await screen.saw(/\|end/);
    assert.ok(screen.text.endsWith(`${bytes.toString('latin1')}|end`));
    await screen.terminal.ended;
  });

  it('takes a paste of 1 MB to the byte while all of it comes back', async () => {
    const paste = Buffer.from(randomBytes(mebibyte / 2).toString('hex'));
    const screen = await openScreen(
      sandbox(),
      script(`stty raw -echo; printf up; head -c ${paste.length}; printf end`),
    );
    await screen.saw(/up/);
    await screen.terminal.write(paste);
    await screen.terminal.ended;
    await screen.drained;
    const came = Buffer.from(screen.text, 'latin1');
    assert.equal(came.length, paste.length + 'upend'.length);
    const digest = (part: Buffer) => createHash('sha256').update(part).digest('hex');
    assert.equal(digest(came.subarray(2, -3)), digest(paste));
  });

  it('takes a paste of 1 MB into a shell, line by line', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at} ${'x'.repeat(40)}\n`).join('');
    const screen = await openScreen(sandbox(), script('stty -echo; echo up; cat | sha256sum'));
    await screen.saw(/up/);
    await screen.type(`${lines}\u0004`);
    const [, sum] = await screen.saw(/([0-9a-f]{64})/);
    assert.equal(sum, createHash('sha256').update(lines).digest('hex'));
    await screen.terminal.ended;
  });

  it('holds a program back while nobody reads, and loses nothing of it at its end', async () => {
    const terminal = await openRaw(sandbox(), script('seq 1 200000; exit 3'));
    const reading = terminal.read[Symbol.asyncIterator]();
    const parts = [(await reading.next()).value as Uint8Array];
    await eventually(() => isStill(sandbox()));
    for (let next = await reading.next(); next.done !== true; next = await reading.next()) parts.push(next.value);
    const expected = Array.from({ length: 200_000 }, (_, at) => `${at + 1}\r\n`).join('');
    assert.equal(Buffer.concat(parts).toString(), expected);
    assert.deepEqual(await terminal.ended, { kind: 'exited', code: 3 });
  });

  it('keeps what waits for a slow reader at the end of a program', async () => {
    const terminal = await openRaw(sandbox(), script('seq 1 60000; echo last words'));
    await eventually(async () => !/seq 1 60000/.test(await processes(sandbox())) || (await isStill(sandbox())));
    const parts: Uint8Array[] = [];
    for await (const bytes of terminal.read) {
      parts.push(bytes);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.match(Buffer.concat(parts).toString(), /60000\r\nlast words\r\n$/);
    assert.equal((await terminal.ended).kind, 'exited');
  });

  it('does not grow while yes runs unread, and lets Ctrl-C through at once', async () => {
    const terminal = await openRaw(sandbox(), script('yes 271828; echo over'));
    const reading = terminal.read[Symbol.asyncIterator]();
    await reading.next();
    if (traits.holdsTerminalsBack === true) await eventually(() => isStill(sandbox()));
    await terminal.write(Uint8Array.of(3));
    await eventually(async () => !/yes 271828/.test(await processes(sandbox())));
    let rest = 0;
    for (let next = await reading.next(); next.done !== true; next = await reading.next()) rest += next.value.length;
    if (traits.holdsTerminalsBack === true) assert.ok(rest < mostUnderWay, `${rest} bytes were under way`);
    assert.equal((await terminal.ended).kind, 'exited');
  });

  it('lets Ctrl-C through while yes is read as fast as it comes', async () => {
    const screen = await openScreen(sandbox(), script('yes 314159; echo over'));
    await screen.saw(/(?:314159\r\n){1000}/);
    await screen.type('\u0003');
    await screen.terminal.ended;
    assert.doesNotMatch(await processes(sandbox()), /yes 314159/);
  });
}

/** True once no program inside writes any more, between two looks. */
async function isStill(sandbox: Sandbox): Promise<boolean> {
  const look = () => sh(sandbox, 'for p in $(pidof yes seq); do grep wchar /proc/$p/io; done; true');
  const before = await look();
  await new Promise((resolve) => setTimeout(resolve, 200));
  return before === (await look());
}
