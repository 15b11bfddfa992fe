import assert from 'node:assert/strict';
import type { Outcome, Sandbox } from '../../src/core/sandbox.ts';
import { mintId } from '../../src/shared/ids.ts';
import { eventually, processes, request, sh, Watched } from './running.ts';

/** Commands that stop the program that holds them. */
const scriptsAgainst = (holder: string) => ({
  once: `kill -STOP ${holder}; sleep 314201`,
  'again and again': `sleep 314202 & while :; do kill -STOP ${holder}; done`,
});

/** Shell that names the program that holds a command where that is its parent. */
const parent = '$PPID';
/** Shell that names it, and what carries its output, where the parent only starts it: in a shell. */
export const holdersInShell =
  '$(for p in /proc/[0-9]*; do case $(tr "\\000" " " <$p/cmdline) in *" hold $AIRLOCK_JOB "*) echo ${p#/proc/};; esac; done 2>/dev/null)';

/** What becomes of commands whose holder, one of our own programs inside, was stopped by a signal. */
export function frozenChapter(sandbox: () => Promise<Sandbox>, holder = parent): void {
  const scripts = scriptsAgainst(holder);
  endedFrozenChapter(sandbox, holder);

  it('finds a command again whose holder is stopped, and interrupts it', async () => {
    const within = await sandbox();
    const { op, watched } = await freeze(within, scripts.once, new AbortController().signal);
    const found = await within.attach(op);
    assert.ok(typeof found === 'object');
    await found.interrupt('KILL');
    assert.deepEqual(await found.outcome, { kind: 'signaled', signal: 'SIGKILL' });
    await watched.finished;
  });

  it('does not wait for ever for what is known of a command whose holder is stopped again and again', async () => {
    const within = await sandbox();
    const controller = new AbortController();
    const { op, watched } = await freeze(within, scripts['again and again'], controller.signal);
    assert.notEqual(await within.attach(op), 'no-such-op');
    controller.abort();
    await expectEnded(within, await watched.finished);
  });
}

/** The part of it that is about their end. */
export function endedFrozenChapter(sandbox: () => Promise<Sandbox>, holder = parent): void {
  for (const [often, script] of Object.entries(scriptsAgainst(holder))) {
    it(`ends a command that stops what holds it ${often}`, async () => {
      const within = await sandbox();
      const controller = new AbortController();
      const { watched } = await freeze(within, script, controller.signal);
      controller.abort();
      await expectEnded(within, await watched.finished);
    });
  }
}

async function freeze(within: Sandbox, script: string, signal: AbortSignal) {
  const op = mintId('op');
  // What holds it passes its first word on before it is stopped.
  const shell = `echo up; while ! [ -e ${op} ]; do sleep 0.05; done; ${script}`;
  const watched = new Watched(within.exec(request(within, shell, { op, signal, onLinkLoss: 'keep' })));
  await watched.saw('up');
  await sh(within, `: >${op}`);
  // What only starts a command in a shell is stopped all the time.
  const stopped = `for p in /proc/[0-9]*; do case $(tr "\\000" " " <$p/cmdline) in *" lead "* | *" start "*) ;; *) cat $p/status;; esac; done 2>/dev/null || :`;
  await eventually(async () => /State:\tT/.test(await sh(within, stopped)));
  return { op, watched };
}

async function expectEnded(within: Sandbox, outcome: Outcome): Promise<void> {
  assert.deepEqual(outcome, { kind: 'stopped', by: 'abort', killed: 'group' });
  assert.doesNotMatch(await processes(within), /31420\d/);
}
