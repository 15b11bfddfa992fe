import assert from 'node:assert/strict';
import { guestPath } from '../../src/core/paths.ts';
import type { Sandbox, TerminalRequest } from '../../src/core/sandbox.ts';
import type { Traits } from './harness.ts';
import { eventually, freshFolder, processes, sh } from './running.ts';
import { openScreen, script } from './screen.ts';

/** Terminals: a real one inside, with size, signals and end. */
export function terminalChapter(_traits: Traits, sandbox: () => Sandbox): void {
  const open = (more: Partial<TerminalRequest> = {}) => openScreen(sandbox(), more);

  it('is a terminal of the size that was asked for', async () => {
    const screen = await open(script('test -t 0 && test -t 1 && test -t 2 && echo tty; stty size'));
    await screen.saw(/tty\r\n30 100\r\n/);
    assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code: 0 });
  });

  it('tells the program when its size changes', async () => {
    const screen = await open(script('trap "stty size; exit 0" WINCH; echo up; while :; do sleep 0.1; done'));
    await screen.saw(/up/);
    await screen.terminal.resize(77, 22);
    await screen.saw(/22 77/);
    await screen.terminal.ended;
  });

  it('interrupts by Ctrl-C', async () => {
    const screen = await open(script('trap "echo caught; exit 7" INT; echo up; while :; do sleep 0.1; done'));
    await screen.saw(/up/);
    await screen.type('\x03');
    await screen.saw(/caught/);
    assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code: 7 });
  });

  it('runs a login shell in the folder that was asked for, until it exits', async () => {
    const cwd = await freshFolder(sandbox());
    const screen = await open({ cwd, env: { AIRLOCK_SAID: 'hello' } });
    await screen.type('echo "at:$(pwd):$AIRLOCK_SAID:$((6*7))"\r');
    await screen.saw(new RegExp(`at:${cwd}:hello:42`));
    await screen.type('exit 5\r');
    assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code: 5 });
    await screen.drained;
  });

  it('lets Ctrl-C end what a shell runs, and the shell go on', async () => {
    const screen = await open();
    await screen.type('sleep 161803; echo "after:$((1+1))"\r');
    while (!/sleep 161803/.test(await processes(sandbox())));
    await screen.type('\x03');
    await screen.type('echo "next:$((2+2))"\r');
    await screen.saw(/next:4/);
    assert.doesNotMatch(await processes(sandbox()), /sleep 161803/);
    await screen.type('exit\r');
    await screen.terminal.ended;
  });

  it('carries unicode and every byte that a program prints', async () => {
    const screen = await open(
      script('stty raw -echo; echo up; head -c 6 | od -An -tx1; printf "ü文🙂"; printf "\\000\\377end"'),
    );
    await screen.saw(/up/);
    await screen.terminal.write(Buffer.from('ü🙂'));
    await screen.saw(/c3 bc f0 9f 99 82/);
    await screen.saw(/end/);
    const raw = Buffer.from(screen.text, 'latin1');
    assert.ok(raw.includes(Buffer.from('ü文🙂')));
    assert.ok(raw.includes(Buffer.from([0, 255, 0x65])));
    await screen.terminal.ended;
  });

  it('loses nothing of much output, and nothing of much input', async () => {
    const out = await open(script('i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done'));
    await out.terminal.ended;
    await out.drained;
    assert.equal(out.text, Array.from({ length: 20_000 }, (_, at) => `${at}\r\n`).join(''));
    const input = await open(script('stty raw -echo; echo up; head -c 1000000 | sha256sum'));
    await input.saw(/up/);
    await input.type('0123456789'.repeat(100_000));
    const [, sum] = await input.saw(/([0-9a-f]{64})/);
    const expected = 'printf "%s" "$(yes 0123456789 | head -100000 | tr -d "\\n")" | sha256sum';
    assert.equal(sum, (await sh(sandbox(), expected)).slice(0, 64));
    await input.terminal.ended;
  });

  it('keeps several terminals apart', async () => {
    const screens = await Promise.all([1, 2, 3].map(() => open(script('tty; read x; echo "got $x"'))));
    const names = await Promise.all(screens.map(async (screen) => (await screen.saw(/(\/dev\/\S+)\r\n/))[1]));
    assert.equal(new Set(names).size, 3);
    await Promise.all(screens.map((screen, at) => screen.type(`${at}\r`)));
    for (const [at, screen] of screens.entries()) {
      await screen.saw(new RegExp(`got ${at}`));
      await screen.terminal.ended;
    }
  });

  it('ends when killed, with what runs in it', async () => {
    const screen = await open(script('trap "" HUP TERM INT; echo up; sleep 161804; sleep 161804'));
    await screen.saw(/up/);
    assert.deepEqual(await screen.terminal.kill(), { kind: 'done' });
    assert.doesNotMatch(await processes(sandbox()), /161804/);
    await screen.terminal.ended;
  });

  it('says how its program ended', async () => {
    const codes: Readonly<Record<string, number>> = {
      'exit 0': 0,
      'exit 7': 7,
      'no-such-program': 127,
    };
    for (const [text, code] of Object.entries(codes)) {
      const screen = await open(script(text));
      assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code }, text);
    }
  });

  it('says that a signal ended its program', async () => {
    const screen = await open(script('kill -9 $$'));
    const end = await screen.terminal.ended;
    assert.ok(end.kind === 'exited' && [137, undefined].includes(end.code), JSON.stringify(end));
  });

  it('has colours, and a terminal type that programs know', async () => {
    const screen = await open(script('printf "\\033[38;2;1;2;3mx\\033[0m"; echo "$TERM"; tput colors'));
    await screen.terminal.ended;
    await screen.drained;
    assert.equal(screen.text, '\u001b[38;2;1;2;3mx\u001b[0mxterm-256color\r\n256\r\n');
  });

  it('runs a program that owns the whole screen, through a change of size', async () => {
    const screen = await open({ argv: ['sh', '-c', 'seq 1 500 > "$HOME/numbers"; less "$HOME/numbers"'] });
    await screen.saw(/\[\?1049h[^]*29\r/);
    await screen.type('G');
    await screen.saw(/500\r/);
    screen.text = '';
    await screen.terminal.resize(60, 12);
    // A program may miss the very moment: asked to draw again, it draws by the new size.
    await eventually(async () => {
      await screen.type('r');
      return /472\r\n[^]*482\r\n:/.test(screen.text);
    });
    await screen.type('q');
    await screen.saw(/\[\?1049l/);
    assert.deepEqual(await screen.terminal.ended, { kind: 'exited', code: 0 });
  });

  it('says when it cannot be opened', async () => {
    await assert.rejects(open({ cwd: guestPath('/no/such/folder') }));
  });
}
