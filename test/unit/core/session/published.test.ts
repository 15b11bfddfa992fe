import assert from 'node:assert/strict';
import { problem } from '../../../../src/core/problem.ts';
import { endSandbox } from '../../../../src/core/session/sandboxEnd.ts';
import { Publishing } from '../../../../src/core/session/publishing.ts';
import type { PublicPort, Sandbox } from '../../../../src/core/sandbox.ts';
import { eventually } from '../../../support/vscode/eventually.ts';
import { recorderInMemory } from './logInMemory.ts';

const { signal } = new AbortController();

/** A sandbox whose service tells what is public. */
function start(listed: () => Promise<readonly PublicPort[]>, failures = 0) {
  let left = failures;
  const calls: string[] = [];
  const sandbox = {
    caps: { maxPublished: 4 },
    publish: (port: number) => Promise.resolve({ port, url: `https://${port}.example` }),
    published: listed,
    unpublish: (port: number) => {
      calls.push(`unpublish ${port}`);
      left -= 1;
      const why = problem('unreachable', 'No answer.');
      return Promise.resolve(left < 0 ? { kind: 'done' } : { kind: 'unknown', problem: why });
    },
  } as unknown as Sandbox;
  const log = recorderInMemory({ t: 'sandbox', state: 'running' });
  const publishing = new Publishing({ recorder: log.recorder, running: () => sandbox }, () => undefined, 5);
  return { calls, sandbox, publishing, ...log };
}

describe('what is public of a sandbox that is come to', () => {
  it('is shown whoever published it, and taken back by a person alone where that was somebody else', async () => {
    const foreign = { port: 8000, url: 'https://8000.example' };
    const { calls, publishing, sandbox } = start(() => Promise.resolve([foreign]));
    await publishing.look(sandbox, signal);
    assert.deepEqual([...publishing.open.values()], [foreign]);
    await publishing.publish(3000, 60_000, signal);
    await publishing.unpublishAll();
    assert.deepEqual(calls, ['unpublish 3000']);
    await publishing.unpublish(8000);
    assert.deepEqual([...publishing.open.values()], []);
    publishing.close();
  });

  it('counts for how many may be', async () => {
    const four = [1, 2, 3, 4].map((port) => ({ port }));
    const { publishing, sandbox } = start(() => Promise.resolve(four));
    await publishing.look(sandbox, signal);
    await assert.rejects(publishing.publish(3000, 60_000, signal), /At most 4/);
  });

  it('is forgotten where it is public no more, but not what was published while the list was on its way', async () => {
    const listed = Promise.withResolvers<readonly PublicPort[]>();
    const { events, publishing, sandbox } = start(() => listed.promise);
    await publishing.publish(3000, 60_000, signal);
    const looking = publishing.look(sandbox, signal);
    await publishing.publish(3001, 60_000, signal);
    listed.resolve([]);
    await looking;
    assert.deepEqual([...publishing.open.keys()], [3001]);
    assert.deepEqual(events.at(-1)?.event, { t: 'unpublished', port: 3000 });
    publishing.close();
  });
});

describe('a port whose time is over', () => {
  const nothing = () => Promise.resolve([]);

  it('is taken back again and again until that is confirmed', async () => {
    const { calls, events, publishing } = start(nothing, 2);
    await publishing.publish(3000, 1, signal);
    await eventually(() => Promise.resolve(publishing.open.size === 0 || undefined), 'the end of the port');
    assert.deepEqual(calls, ['unpublish 3000', 'unpublish 3000', 'unpublish 3000']);
    assert.deepEqual(events.at(-1)?.event, { t: 'unpublished', port: 3000 });
    publishing.close();
  });

  it('is taken back also where it was taken back by hand and published once more', async () => {
    const { calls, publishing } = start(nothing, 1);
    await publishing.publish(3000, 1, signal);
    await eventually(() => Promise.resolve(calls.length > 0 || undefined), 'the first try');
    await publishing.unpublish(3000);
    await publishing.publish(3000, 1, signal);
    await eventually(() => Promise.resolve(publishing.open.size === 0 || undefined), 'the end of the second');
    publishing.close();
  });
});

describe('a computer that outlives its session', () => {
  /** The end of one with a port that is public. */
  async function startEnding(failures: number, isGone = false) {
    const started = start(() => Promise.resolve([]), failures);
    const { publishing, calls } = started;
    await publishing.publish(3000, 60_000, signal);
    const ports = {
      unpublishAll: () => publishing.unpublishAll(),
      forgetPublished: () => publishing.forgetAll(),
    };
    const life = {
      isGone,
      delete: () => {
        calls.push('let go');
        return Promise.resolve();
      },
    };
    const end = async (leavePublic = false, isAttached = true) =>
      await endSandbox(life, ports, { isAttached, leavePublic });
    return { ...started, end };
  }

  it('is not let go of while a port may be public, unless a person says so', async () => {
    const { calls, end, events, publishing } = await startEnding(2);
    await assert.rejects(end(), /Port 3000 of the computer could not be taken off the internet/);
    assert.deepEqual(calls, ['unpublish 3000']);
    await end(true);
    assert.equal(calls.at(-1), 'let go');
    assert.ok(
      events.every(({ event }) => event.t !== 'unpublished'),
      'it is not said to be private',
    );
    publishing.close();
  });

  it('is let go of once every port is private', async () => {
    const { calls, end, events } = await startEnding(0);
    await end();
    assert.deepEqual(calls, ['unpublish 3000', 'let go']);
    assert.deepEqual(events.at(-1)?.event, { t: 'unpublished', port: 3000 });
  });

  it('takes what was public with it where it is gone, or was the session’s own', async () => {
    for (const { isGone, isAttached } of [
      { isGone: true, isAttached: true },
      { isGone: false, isAttached: false },
    ]) {
      const { end, publishing } = await startEnding(1, isGone);
      await end(false, isAttached);
      assert.equal(publishing.open.size, 0);
    }
  });
});
