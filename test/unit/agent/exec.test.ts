import assert from 'node:assert/strict';
import { deleteSandbox, realSandbox } from '../../support/realSandbox.ts';
import { AirlockError, problem } from '../../../src/core/problem.ts';
import type { Outcome, Sandbox, Terminal, TerminalRequest } from '../../../src/core/sandbox.ts';
import type { OpId } from '../../../src/shared/ids.ts';
import { replaced } from '../../support/replaced.ts';
import type { AirlockSandboxSession } from '../../../src/agent/session.ts';
import { callSignalScope } from '../../support/callSignal.ts';
import { sessionOver } from '../../support/agentSession.ts';
import { eventually } from '../../support/vscode/eventually.ts';

/** Watches and does nothing. */
const deaf = {
  intended: () => Promise.resolve(),
  output: () => undefined,
  ended: () => undefined,
  yielded: () => undefined,
};

/** What a command printed, out of the text that the model reads. */
function outputIn(text: string): string {
  return text.slice(text.indexOf('Output:\n') + 'Output:\n'.length);
}

describe('commands of an SDK session', () => {
  let sandbox: Sandbox;
  let session: AirlockSandboxSession;
  before(async function () {
    sandbox = await realSandbox(this);
    session = sessionOver(sandbox);
  });
  after(() => deleteSandbox(sandbox));

  /** The number under which a command goes on, out of the text that the model reads. */
  function sessionIdIn(text: string): number {
    const id = /^Process running with session ID (\d+)$/m.exec(text)?.[1];
    assert.ok(id, text);
    return Number(id);
  }

  /** All that a command which goes on has printed, once that ends with the given words. */
  async function printed(first: string, end: string): Promise<string> {
    const sessionId = sessionIdIn(first);
    let text = outputIn(first);
    return await eventually(async () => {
      if (text.trimEnd().endsWith(end)) return text;
      text += outputIn(await session.writeStdin({ sessionId, yieldTimeMs: 50 }));
      return undefined;
    }, `"${end}" from the command`);
  }

  it('answers in the form that the SDK reads', async () => {
    const text = await session.execCommand({ cmd: 'echo out; echo err >&2; exit 3' });
    assert.match(text, /^Chunk ID: [0-9a-f]{6}\nWall time: \d+\.\d{4} seconds\nProcess exited with code 3\nOutput:\n/);
    assert.match(text, /^out$/m);
    assert.match(text, /^err$/m);
  });

  it('keeps the streams apart for programs', async () => {
    const result = await session.exec({ cmd: 'echo out; echo err >&2', login: false });
    assert.deepEqual([result.stdout, result.stderr, result.exitCode], ['out\n', 'err\n', 0]);
  });

  it('runs in the workspace, in a folder below it, and with the environment of the session', async () => {
    session.state.environment = { GREETING: 'hello' };
    assert.equal((await session.exec({ cmd: 'pwd; echo $GREETING' })).stdout, `${sandbox.workspaceRoot}\nhello\n`);
    await session.exec({ cmd: 'mkdir -p deep/er' });
    assert.equal((await session.exec({ cmd: 'pwd', workdir: 'deep/er' })).stdout, `${sandbox.workspaceRoot}/deep/er\n`);
  });

  it('takes the shell that is asked for', async () => {
    const result = await session.exec({ cmd: 'echo ${BASH_VERSION:+bash}', shell: 'bash', login: false });
    assert.equal(result.stdout, 'bash\n');
  });

  it('tells the model in words what cannot be done, and never throws', async () => {
    const outside = await session.execCommand({ cmd: 'true', workdir: '../elsewhere' });
    assert.match(outside, /Process exited with code 1\nOutput:\nexec_command failed: .*must not escape/);
    const other = await session.execCommand({ cmd: 'true', runAs: 'root' });
    assert.match(other, /exec_command failed: .*runAs is not supported/);
    await assert.rejects(session.exec({ cmd: 'true', runAs: 'root' }), { code: 'unsupported_feature' });
  });

  it('says by which signal a command ended', async () => {
    const text = await session.execCommand({ cmd: 'kill -KILL $$', login: false });
    assert.match(text, /Process exited with code 137\nOutput:\n\[the command was ended by SIGKILL\]$/);
  });

  it('hands a long command back with a number, then only what is new, then its end', async () => {
    const first = await session.execCommand({ cmd: 'echo one; read line; echo got $line; exit 4', yieldTimeMs: 150 });
    assert.equal(await printed(first, 'one'), 'one\n');
    const sessionId = sessionIdIn(first);
    const poll = await session.writeStdin({ sessionId, yieldTimeMs: 1 });
    assert.match(poll, /Process running with session ID \d+\nOutput:\n$/);
    const last = await session.writeStdin({ sessionId, chars: 'two\n', yieldTimeMs: 60_000 });
    assert.match(last, /Process exited with code 4\nOutput:\ngot two\n$/);
    const gone = await session.writeStdin({ sessionId });
    assert.match(gone, new RegExp(`write_stdin failed: session not found: ${sessionId}$`));
  });

  it('gives a command a terminal, on which Ctrl-C interrupts', async () => {
    const first = await session.execCommand({
      cmd: 'test -t 1 && echo terminal; sleep 60',
      tty: true,
      yieldTimeMs: 600,
    });
    await printed(first, 'terminal');
    const last = await session.writeStdin({ sessionId: sessionIdIn(first), chars: '\u0003', yieldTimeMs: 60_000 });
    assert.match(last, /Process exited with code 130/);
  });

  it('interrupts a command over pipes by Ctrl-C as well', async () => {
    const first = await session.execCommand({ cmd: 'echo up; exec sleep 60', login: false, yieldTimeMs: 100 });
    await printed(first, 'up');
    const last = await session.writeStdin({ sessionId: sessionIdIn(first), chars: '\u0003', yieldTimeMs: 60_000 });
    assert.match(last, /Process exited with code 130\n/);
  });

  it('says how to interact where standard input is closed', async () => {
    const closed = sessionOver(sandbox, { openInput: false });
    assert.equal((await closed.exec({ cmd: 'cat; echo end' })).stdout, 'end\n');
    const first = await closed.execCommand({ cmd: 'exec sleep 60', login: false, yieldTimeMs: 50 });
    const sessionId = sessionIdIn(first);
    assert.match(
      await closed.writeStdin({ sessionId, chars: 'x' }),
      /standard input of this command is closed.*tty=true/,
    );
    await closed.writeStdin({ sessionId, chars: '\u0003', yieldTimeMs: 60_000 });
  });

  it('caps what the model is shown and says so', async () => {
    const text = await session.execCommand({ cmd: 'seq 1 200000' });
    assert.ok(text.length < 45_000, String(text.length));
    assert.match(text, /Original token count: \d{6}/);
    assert.match(text, /tokens truncated\.\.\./);
    assert.match(text, /200000\n$/);
    const small = await session.execCommand({ cmd: 'seq 1 200000', maxOutputTokens: 50 });
    assert.ok(small.length < 500, String(small.length));
  });

  it('keeps the end of what waits to be read when it is more than a mebibyte', async () => {
    const { output } = await session.exec({ cmd: 'head -c 3000000 /dev/zero | tr "\\0" x; echo end' });
    assert.match(output, /^\[\.\.\.\d+ characters truncated from process output\.\.\.\]\nx/);
    assert.match(output, /xend\n$/);
    assert.ok(output.length < 1_100_000);
  });

  it('keeps characters whole that arrive in pieces', async () => {
    const result = await session.exec({ cmd: `printf '\\303'; sleep 0.05; printf '\\244'` });
    assert.equal(result.output, 'ä');
  });

  it('stops the command and all that it started when the call is aborted', async () => {
    const abort = new AbortController();
    const abortAtOutput = { ...deaf, output: () => abort.abort() };
    const text = await callSignalScope(abort.signal, () =>
      sessionOver(sandbox, { watcher: abortAtOutput }).execCommand({
        cmd: 'sleep 61 & echo up; sleep 62; wait',
        login: false,
        yieldTimeMs: 60_000,
      }),
    );
    assert.match(
      text,
      /Process exited with code 130\nOutput:\nup\n\[the user stopped the command; it and all that it started have ended/,
    );
    const left = await session.exec({ cmd: 'ps -eo args | grep -c "^sleep 6[12]$"' });
    assert.equal(left.stdout.trim(), '0');
  });

  it('announces a command before it starts and tells its output and end', async () => {
    const heard: string[] = [];
    const watched = sessionOver(sandbox, {
      watcher: {
        intended: (_op, command, cwd) => Promise.resolve(void heard.push(`intended ${command} in ${cwd}`)),
        output: (_op, fd, bytes) => void heard.push(`${fd} ${Buffer.from(bytes).toString()}`),
        ended: (_op, outcome) => void heard.push(JSON.stringify(outcome)),
        yielded: () => void heard.push('yielded'),
      },
    });
    await watched.execCommand({ cmd: 'echo hi', login: false });
    assert.deepEqual(heard, [`intended echo hi in ${sandbox.workspaceRoot}`, '1 hi\n', '{"kind":"exited","code":0}']);
    heard.length = 0;
    await watched.execCommand({ cmd: 'exec sleep 60', login: false, yieldTimeMs: 20 });
    assert.deepEqual(heard.slice(1), ['yielded']);
    await watched.stop({ reason: 'cleanup' });
    assert.deepEqual(heard.slice(2), ['{"kind":"stopped","by":"abort","killed":"tree"}']);
  });

  for (const [delivery, kind] of [
    ['never-sent', 'not-started'],
    ['maybe-sent', 'unknown'],
  ] as const) {
    it(`tells the end of a command whose terminal did not open: ${delivery}`, async () => {
      const why = problem('sandbox-lost', 'No terminal.', { delivery });
      const broken = replaced(sandbox, { openTerminal: () => Promise.reject(new AirlockError(why)) });
      const ends: Outcome[] = [];
      const watcher = { ...deaf, ended: (_op: OpId, outcome: Outcome) => void ends.push(outcome) };
      const text = await sessionOver(broken, { watcher }).execCommand({ cmd: 'true', tty: true });
      assert.match(text, /No terminal\./);
      assert.deepEqual(ends, [{ kind, problem: why }]);
    });
  }

  it('lets a terminal that does not open be stopped', async () => {
    const controller = new AbortController();
    const hanging = (_request: TerminalRequest, signal: AbortSignal) =>
      new Promise<Terminal>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        controller.abort();
      });
    const asked = sessionOver(replaced(sandbox, { openTerminal: hanging }), { signal: controller.signal });
    assert.match(await asked.execCommand({ cmd: 'true', tty: true }), /not known how the command ended/);
  });

  it('lets a change of a file be stopped whose program was stopped inside', async () => {
    const controller = new AbortController();
    const exec: Sandbox['exec'] = (request) => {
      const { stdin: _none, ...rest } = request;
      const running = sandbox.exec({ ...rest, run: { shell: 'kill -STOP $$' } });
      controller.abort();
      return running;
    };
    const editor = sessionOver(replaced(sandbox, { exec }), { signal: controller.signal }).createEditor();
    await assert.rejects(
      Promise.resolve(editor.createFile({ type: 'create_file', path: 'a', diff: '+x' })),
      /stopped before/,
    );
  });

  it('runs nothing that could not be announced', async () => {
    const watcher = { ...deaf, intended: () => Promise.reject(new Error('the log is full')) };
    const text = await sessionOver(sandbox, { watcher }).execCommand({ cmd: 'touch ran' });
    assert.match(text, /exec_command failed: the log is full/);
    assert.equal(await session.pathExists('ran'), false);
  });
});
