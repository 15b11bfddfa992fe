import assert from 'node:assert/strict';
import { eventually } from '../../support/vscode/eventually.ts';
import { describeUnderBothLimits } from './judged.ts';

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

describeUnderBothLimits('the double, judged by the command line of 0.1.10', 'cloud', (judged) => {
  let id = '';
  const cli = async (...argv: string[]) => (await judged().client.call('cli', { argv })) as Ran;
  const json = async (...argv: string[]) => {
    const ran = await cli(...argv, '--json');
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    return (JSON.parse(ran.stdout) as { data: Record<string, unknown> }).data;
  };
  const reached = (status: string) =>
    eventually(
      () => Promise.resolve(judged().double.computers()[0]?.status === status || undefined),
      `a computer that is ${status}`,
    );

  it('logs in by key and address, not with a wrong key', async () => {
    const { double } = judged();
    const wrong = await cli('auth', 'login', '--api-key', 'wrong', '--base-url', double.url);
    assert.equal(wrong.code, 1);
    const login = await cli('auth', 'login', '--api-key', double.apiKey, '--base-url', double.url);
    assert.match(login.stdout, /Logged in as double@celesto\.invalid/);
    assert.match((await cli('auth', 'status')).stdout, /double@celesto\.invalid/);
  });

  it('creates, lists and reads', async () => {
    id = String((await json('computer', 'create', '--cloud'))['computer_id']);
    assert.equal(judged().double.requests.at(-1)?.headers['x-celesto-client'], 'cli');
    const { computers } = await json('computer', 'list', '--cloud');
    assert.deepEqual(
      (computers as { computer_id: string }[]).map((one) => one.computer_id),
      [id],
    );
    assert.equal((await json('computer', 'get', id))['status'], 'running');
  });

  it('runs commands', async () => {
    const ran = await cli('computer', 'run', id, 'echo out; echo err >&2; exit 5');
    assert.deepEqual([ran.stdout, ran.stderr.endsWith('err\n'), ran.code], ['out\n', true, 5]);
    const words = await cli('computer', 'exec', '--cloud', id, '--', 'printf', '%s|', 'a b', "it's");
    assert.equal(words.stdout.trim(), "a b|it's|");
  });

  it('publishes and removes ports', async () => {
    const published = await json('computer', 'port', 'publish', id, '--port', '8000');
    assert.match(String(published['url']), /^http/);
    assert.equal(((await json('computer', 'port', 'list', id, '--cloud'))['ports'] as unknown[]).length, 1);
    await json('computer', 'port', 'unpublish', id, '--port', '8000');
  });

  it('opens a terminal and leaves it', async () => {
    const steps = [
      ['$ ', 'echo "in""side"\r'],
      ['inside', 'exit\r'],
    ];
    const argv = ['computer', 'terminal', '--cloud', id];
    const seen = (await judged().client.call('cli_terminal', { argv, steps })) as Ran & {
      missing: string[];
      output: string;
    };
    assert.deepEqual([seen.missing, seen.code], [[], 0], seen.output);
  });

  it('stops, starts, and runs at once where a start answers when it is done', async () => {
    const { double } = judged();
    assert.equal((await json('computer', 'stop', '--cloud', id))['status'], 'stopping');
    await reached('stopped');
    assert.match((await cli('computer', 'run', id, 'true')).stderr, /409/);
    // It does not wait between its start and its command: with a start that answers early the command is refused.
    double.knobs.provisionMs = 60_000;
    const early = await cli('computer', 'exec', '--cloud', '--start', id, '--', 'true');
    assert.equal(early.code, 1);
    double.knobs.provisionMs = 0;
    await reached('running');
    await json('computer', 'stop', '--cloud', id);
    await reached('stopped');
    double.knobs.syncTransitions = true;
    const ran = await cli('computer', 'exec', '--cloud', '--start', id, '--', 'echo', 'again');
    assert.deepEqual([ran.stdout, ran.code], ['again\n', 0]);
    double.knobs.syncTransitions = false;
  });

  it('deletes to the end, and does not know the computer afterwards', async () => {
    await json('computer', 'delete', '--cloud', id);
    assert.deepEqual(judged().double.computers(), []);
    assert.equal((await cli('computer', 'get', id)).code, 1);
    assert.match((await cli('computer', 'list', '--cloud')).stdout, /No cloud computers/);
    assert.match((await cli('auth', 'logout')).stdout, /Logged out/);
  });
});
