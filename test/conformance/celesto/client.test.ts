import assert from 'node:assert/strict';
import { eventually } from '../../support/vscode/eventually.ts';
import { describeUnderBothLimits } from './judged.ts';

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

describeUnderBothLimits(
  'the double, judged by the client of 0.0.14 and its command line',
  'agents',
  (judged, limit) => {
    let id = '';
    let name = '';
    const below = (method: string, args: unknown[] = [], named: Record<string, unknown> = {}) =>
      judged().client.call('below', { do: method, args, named });
    const raised = (method: string, args: unknown[] = [], named: Record<string, unknown> = {}) =>
      judged().client.raised('below', { do: method, args, named });
    const cli = async (...argv: string[]) => (await judged().client.call('cli', { argv })) as Ran;
    const reached = (status: string) =>
      eventually(
        () =>
          Promise.resolve(
            judged()
              .double.computers()
              .some((one) => one.status === status) || undefined,
          ),
        `a computer that is ${status}`,
      );

    it('creates with all options, reads by id and name, lists by status', async () => {
      const options = { cpus: 2, memory: 2048, disk: '2gb', template_id: 'coding-agent', persistent_home: false };
      const made = (await below('create', [], { ...options, network_policy: { mode: 'open' } })) as Record<
        string,
        unknown
      >;
      assert.deepEqual(
        [made['status'], made['vcpus'], made['ram_mb'], made['disk_size_mb'], made['template_id']],
        ['running', 2, 2048, 2048, 'coding-agent'],
      );
      id = String(made['id']);
      name = String(made['name']);
      assert.deepEqual(((await below('get', [name])) as { id: string }).id, id);
      const listed = (await below('list', [], { status: 'running', limit: 5 })) as {
        computers: unknown[];
        count: number;
      };
      assert.deepEqual([listed.computers.length, listed.count], [1, 1]);
      assert.equal(((await below('list', [], { status: 'stopped' })) as { count: number }).count, 0);
      assert.equal(((await below('list_templates')) as unknown[]).length, 3);
    });

    it('runs, streams line by line, and lists what ran', async () => {
      const ran = (await below('exec', [name, 'echo out; echo err >&2; exit 4'])) as Record<string, unknown>;
      assert.deepEqual(
        [ran['stdout'], ran['stderr'], ran['exit_code'], ran['timed_out']],
        ['out\n', 'err\n', 4, false],
      );
      const events = (await judged().client.call('stream', { computer: id, command: 'echo a; echo b' })) as {
        type: string;
        data?: string;
      }[];
      assert.deepEqual([events[0]?.type, events.at(-1)?.type], ['started', 'exit']);
      assert.equal(events.map(({ data }) => data ?? '').join(''), 'a\nb\n');
      const slow = (await below('exec', [id, 'echo so far; sleep 60'], { timeout: 5 })) as Record<string, unknown>;
      assert.deepEqual([slow['stdout'], slow['timed_out']], ['so far\n', true]);
      const { commands, count } = (await below('list_command_history', [id], { limit: 2 })) as {
        commands: Record<string, unknown>[];
        count: number;
      };
      assert.deepEqual([count, commands[0]?.['status'], commands[1]?.['exit_code']], [2, 'timed_out', 0]);
    });

    it('publishes ports, at most four, none that is reserved', async () => {
      const first = (await below('publish_port', [id], { port: 8000 })) as Record<string, unknown>;
      assert.deepEqual([first['port'], first['status']], [8000, 'published']);
      for (const port of [8001, 8002, 8003]) await below('publish_port', [id], { port });
      assert.match((await raised('publish_port', [id], { port: 8004 })).says, /At most 4/);
      assert.equal((await raised('publish_port', [id], { port: 5900 })).type, 'CelestoValidationError');
      assert.equal((await raised('publish_port', [id], { port: 80 })).type, 'CelestoValidationError');
      assert.equal(((await below('list_published_ports', [id])) as unknown[]).length, 4);
      const gone = (await below('unpublish_port', [id], { port: 8000 })) as Record<string, unknown>;
      assert.equal(gone['status'], 'unpublished');
      assert.equal(((await below('unpublish_port', [id], { port: 8000 })) as Record<string, unknown>)['port'], 8000);
      for (const port of [8001, 8002, 8003]) await below('unpublish_port', [id], { port });
    });

    it('gets a terminal, no display and no browser', async () => {
      const terminal = (await below('create_terminal_session', [id])) as Record<string, string>;
      assert.match(terminal['url'] ?? '', /^ws:.*\/terminals\/term_.*token=/);
      for (const method of ['create_display_connection', 'create_browser_connection']) {
        assert.match((await raised(method, [id])).says, /409/);
      }
    });

    it('meets the errors that it knows', async () => {
      const { double, client } = judged();
      assert.equal((await raised('get', ['cmp_unknown'])).type, 'CelestoNotFoundError');
      assert.equal((await raised('create', [], { cpus: 17 })).type, 'CelestoValidationError');
      const long = ['exec', [id, `: ${'x'.repeat(10_000)}`]] as const;
      if (limit === 'off') assert.equal(((await below(long[0], [...long[1]])) as { exit_code: number }).exit_code, 0);
      else assert.equal((await raised(long[0], [...long[1]])).type, 'CelestoValidationError');
      assert.equal((await client.raised('with_key', { other: 'wrong' })).type, 'CelestoAuthenticationError');
      double.knobs.rateLimit = { requests: 0, perMs: 5000 };
      const limited = await raised('get', [id]);
      double.knobs.rateLimit = undefined;
      assert.equal(limited.type, 'CelestoRateLimitError');
      assert.ok((limited.retry_after ?? 0) >= 1);
      double.knobs.createRefusal = 'trial_expired';
      assert.match((await raised('create')).says, /402.*trial_expired/);
      double.knobs.createRefusal = undefined;
      double.knobs.scopes = ['computers:read'];
      const scoped = await raised('delete', [id]);
      double.knobs.scopes = ['computers:read', 'computers:exec', 'computers:admin'];
      assert.deepEqual([scoped.type, /computers:admin/.test(scoped.says)], ['CelestoAuthenticationError', true]);
    });

    it('breaks off where a stream ends without its exit, and where an answer is lost', async () => {
      const { double } = judged();
      double.knobs.faults = [
        { kind: 'no-exit', at: 1, match: '/exec/stream' },
        { kind: 'drop-after', at: 1, match: '/exec' },
      ];
      assert.equal((await raised('exec', [id, 'echo done > lost'])).type, 'CelestoNetworkError');
      const ended = await raised('exec', [id, 'true'], { timeout: 120 });
      assert.match(ended.says, /before the remote exit status/);
      double.knobs.faults = [];
      assert.equal(((await below('exec', [id, 'cat lost'])) as Record<string, unknown>)['stdout'], 'done\n');
    });

    it('stops, is refused commands while stopped, starts and deletes', async () => {
      assert.equal(((await below('stop', [id])) as Record<string, unknown>)['status'], 'stopping');
      assert.match((await raised('exec', [id, 'true'])).says, /409/);
      await reached('stopped');
      assert.equal(((await below('start', [id])) as Record<string, unknown>)['status'], 'starting');
      await reached('running');
      assert.equal(((await below('delete', [id])) as Record<string, unknown>)['status'], 'deleting');
      await eventually(() => Promise.resolve(judged().double.computers().length === 0 || undefined), 'its end');
      assert.equal((await raised('get', [id])).type, 'CelestoNotFoundError');
    });

    it('makes, uses and removes a computer by its public class', async () => {
      const told = (await judged().client.call('computer_class')) as Record<string, unknown>;
      assert.deepEqual([told['disk'], told['stopped'], told['deleted']], [2048, 'stopping', 'deleting']);
      assert.equal((told['run'] as Record<string, unknown>)['stdout'], 'from the class\n');
    });

    it('does all of it by the command line', async () => {
      const made = JSON.parse((await cli('computer', 'create', '--cpus', '1', '--json')).stdout) as { id: string };
      const listed = JSON.parse((await cli('computer', 'list', '--json')).stdout) as { id: string }[];
      assert.deepEqual(
        listed.map((one) => one.id),
        [made.id],
      );
      assert.match((await cli('computer', 'get', made.id)).stdout, /running/);
      assert.match((await cli('computer', 'templates')).stdout, /coding-agent/);
      assert.deepEqual(await cli('computer', 'run', made.id, 'echo out; echo err >&2; exit 5'), {
        stdout: 'out\n',
        stderr: 'err\n',
        code: 5,
      });
      const streamed = await cli('computer', 'run', '--stream', made.id, 'echo one; echo two >&2; exit 6');
      assert.deepEqual(streamed, { stdout: 'one\n', stderr: 'two\n', code: 6 });
      assert.match((await cli('computer', 'port', 'publish', made.id, '--port', '8000')).stdout, /^http:\/\/127/);
      assert.match((await cli('computer', 'port', 'list', made.id)).stdout, /8000/);
      assert.equal((await cli('computer', 'port', 'unpublish', made.id, '--port', '8000')).code, 0);
      assert.match((await cli('computer', 'stop', made.id)).stdout, /Local/);
      await reached('stopped');
      // Its `run` starts a stopped computer by itself.
      const resumed = await cli('computer', 'run', made.id, 'echo again');
      assert.deepEqual([resumed.code, /again\n$/.test(resumed.stdout)], [0, true]);
    });

    it('opens a terminal by the command line: size, keys, output, and the end of its shell', async () => {
      const { double, client } = judged();
      const computer = double.computers()[0]?.id ?? '';
      const steps = [
        ['$ ', 'until [ "$(stty size)" = "30 100" ]; do sleep 0.1; done; echo "si""zed"\r'],
        ['sized', 'echo é"✓"\r'],
        ['é✓\r\n', '\u001d'],
      ];
      const seen = (await client.call('cli_terminal', { argv: ['computer', 'ssh', computer], steps })) as {
        output: string;
        code: number;
        missing: string[];
      };
      assert.deepEqual([seen.missing, seen.code], [[], 0]);
      await eventually(
        () => Promise.resolve(double.terminals(computer).length === 0 || undefined),
        'the end of the shell, which this client asks for',
      );
      assert.equal((await cli('computer', 'delete', '--force', computer)).code, 0);
      await eventually(() => Promise.resolve(double.computers().length === 0 || undefined), 'its end');
    });
  },
);
