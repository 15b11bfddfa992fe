import assert from 'node:assert/strict';
import { Gesture } from '../../../../src/core/gesture.ts';
import type { ForwardRequest } from '../../../../src/core/ports/forwarding.ts';
import { fail, problem } from '../../../../src/core/problem.ts';
import type { Capabilities, Listener, Sandbox, Settled } from '../../../../src/core/sandbox.ts';
import type { LogEvent } from '../../../../src/core/session/events.ts';
import { SessionPorts } from '../../../../src/core/session/ports.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import { eventually } from '../../../support/vscode/eventually.ts';
import { recorderInMemory } from './logInMemory.ts';

const { signal } = new AbortController();
const session = mintId('session');
const caps = { maxPublished: 2 } as Capabilities;
const isTrue = (check: () => boolean, what: string) => eventually(() => Promise.resolve(check() || undefined), what);

/** The part of a sandbox that ports are about: what listens, and what is published. */
class Ports {
  looks = 0;
  readonly published: number[] = [];
  readonly calls: string[] = [];
  answer: () => Promise<void> = () => Promise.resolve();
  settled: Settled = { kind: 'done' };
  #list: readonly Listener[] = [];
  #wake: () => void = () => undefined;

  set(...ports: readonly number[]): void {
    this.#list = ports.map((port) => ({ port, address: '127.0.0.1', program: 'node' }));
    this.#wake();
  }

  async *listeners(until: AbortSignal): AsyncGenerator<readonly Listener[]> {
    this.looks += 1;
    until.addEventListener('abort', () => this.#wake());
    try {
      let told: readonly Listener[] | undefined;
      while (!until.aborted) {
        if (told === this.#list) await new Promise<void>((resolve) => (this.#wake = resolve));
        told = this.#list;
        yield told;
      }
    } finally {
      this.looks -= 1;
    }
  }

  async publish(port: number): Promise<{ port: number; url: string }> {
    this.calls.push(`publish ${port}`);
    await this.answer();
    this.published.push(port);
    return { port, url: `https://${port}.example` };
  }

  unpublish(port: number): Promise<Settled> {
    this.calls.push(`unpublish ${port}`);
    return Promise.resolve(this.settled);
  }

  get sandbox(): Sandbox {
    const listeners = this.listeners.bind(this);
    const [publish, unpublish] = [this.publish.bind(this), this.unpublish.bind(this)];
    return { caps, listeners, publish, unpublish } as unknown as Sandbox;
  }
}

describe('the ports of a session', () => {
  const running: LogEvent = { t: 'sandbox', state: 'running' };
  const start = (...events: readonly LogEvent[]) => {
    const inside = new Ports();
    const { sandbox } = inside;
    const log = recorderInMemory(...events);
    const opened: ForwardRequest[] = [];
    const open = new Set<number>();
    const taken = new Set<number>();
    let free = 40_001;
    const ports = new SessionPorts({
      session,
      recorder: log.recorder,
      running: () => (log.recorder.regions.sandbox === 'running' ? sandbox : undefined),
      forwarding: (_, request) => {
        while (taken.has(free) || open.has(free)) free += 1;
        const localPort = request.localPort ?? free;
        if (taken.has(localPort)) fail('bad-input', `Port ${localPort} of this machine is taken.`);
        opened.push(request);
        open.add(localPort);
        const close = () => Promise.resolve(void open.delete(localPort));
        return Promise.resolve({ localPort, authority: `s.localhost:${localPort}`, address: () => '', close });
      },
    });
    return { inside, ports, ...log, opened, open, taken };
  };

  it('are looked for while somebody looks, and not before or after', async () => {
    const { inside, ports } = start(running);
    inside.set(3000);
    assert.equal(inside.looks, 0);
    const [one, other] = [ports.look(), ports.look()];
    await isTrue(() => ports.rows().length === 1, 'the row');
    assert.equal(inside.looks, 1);
    one.dispose();
    one.dispose();
    assert.equal(inside.looks, 1);
    other.dispose();
    await isTrue(() => inside.looks === 0, 'the end of looking');
    assert.deepEqual(ports.rows(), []);
  });

  it('are looked for while a turn or a command runs', async () => {
    const { inside, recorder } = start(running);
    const model = { name: 'm', baseUrl: 'u', api: 'responses' } as const;
    await recorder.add({ t: 'turn-started', turn: 't', prompt: '', model });
    await isTrue(() => inside.looks === 1, 'looking');
    const op = mintId('op');
    await recorder.add({ t: 'command-intent', op, command: 'serve', cwd: '/' });
    await recorder.add({ t: 'turn-ended', turn: 't', how: 'done' });
    assert.equal(inside.looks, 1);
    const outcome = { kind: 'exited', code: 0 } as const;
    await recorder.add({ t: 'command-ended', op, outcome, omittedBytes: 0 });
    await isTrue(() => inside.looks === 0, 'the end of looking');
  });

  it('tell of an app once in the life of the session', async () => {
    const first = start(running);
    const told: number[][] = [];
    first.ports.onDidNotice((apps) => told.push(apps.map(({ port }) => port)));
    first.ports.look();
    first.inside.set(3000);
    await isTrue(() => told.length === 1, 'the word');
    first.inside.set();
    await isTrue(() => first.ports.rows().length === 0, 'the end of the app');
    first.inside.set(3000, 5173);
    await isTrue(() => told.length === 2, 'the next word');
    assert.deepEqual(told, [[3000], [5173]]);
    const next = start(...first.events.map(({ event }) => event));
    next.ports.onDidNotice((apps) => told.push(apps.map(({ port }) => port)));
    next.inside.set(3000, 5173);
    next.ports.look();
    await isTrue(() => next.ports.rows().length === 2, 'the rows');
    assert.equal(told.length, 2);
  });

  it('are forwarded once each, come back with the sandbox, and close with it', async () => {
    const { ports, recorder, open, opened } = start(running);
    const [one, same] = await Promise.all([ports.forward(3000), ports.forward(3000)]);
    assert.equal(one, same);
    await recorder.add({ t: 'sandbox', state: 'stopped' });
    await isTrue(() => open.size === 0, 'the end of the listener');
    await recorder.add(running);
    await isTrue(() => open.has(one.localPort), 'the listener again');
    assert.deepEqual(opened, [
      { session, port: 3000 },
      { session, port: 3000, localPort: one.localPort },
    ]);
    await ports.close();
    assert.equal(open.size, 0);
  });

  it('come back in the next window, elsewhere where their local port is gone, but not where it was chosen', async () => {
    const first = start(running);
    const random = await first.ports.forward(3000);
    await first.ports.chooseLocalPort(8080, 8081);
    await first.ports.close();
    const next = start(...first.events.map(({ event }) => event));
    next.taken.add(random.localPort).add(8081);
    await next.recorder.add(running);
    await isTrue(() => next.ports.rows().some(({ problem: why }) => why !== undefined), 'the problem');
    const row = (port: number) => next.ports.rows().find((one) => one.port === port);
    await isTrue(() => row(3000)?.local !== undefined, 'the other local port');
    assert.match(row(8080)?.problem ?? '', /8081 of this machine is taken/);
    next.taken.clear();
    assert.equal((await next.ports.forward(8080)).localPort, 8081);
    assert.equal(row(8080)?.problem, undefined);
  });

  it('stay closed once forwarding was stopped, and keep their labels', async () => {
    const { ports, recorder, open } = start(running);
    await ports.forward(3000);
    await ports.setLabel(3000, 'App');
    await ports.stopForwarding(3000);
    await recorder.add({ t: 'sandbox', state: 'stopped' });
    await recorder.add(running);
    assert.equal(open.size, 0);
    assert.deepEqual(ports.rows(), [{ port: 3000, isListening: false, label: 'App' }]);
    await ports.setLabel(3000, '');
    assert.deepEqual(ports.rows(), []);
  });

  it('change their local port without a moment at the old one', async () => {
    const { ports, open } = start(running);
    const before = await ports.forward(3000);
    const after = await ports.chooseLocalPort(3000, 3001);
    assert.deepEqual([...open], [after.localPort]);
    assert.notEqual(after.localPort, before.localPort);
  });
});

describe('publishing a port', () => {
  const minute = 60_000;
  const gesture = (port: number) => new Gesture('publish', `${session}:${port}`);
  const start = (...events: readonly LogEvent[]) => {
    const inside = new Ports();
    const { sandbox } = inside;
    const log = recorderInMemory({ t: 'sandbox', state: 'running' }, ...events);
    const running = () => (log.recorder.regions.sandbox === 'running' ? sandbox : undefined);
    const forwarding = () => fail('unsupported', 'No listener here.');
    const ports = new SessionPorts({ session, recorder: log.recorder, running, forwarding });
    return { inside, ports, ...log };
  };
  const kinds = (events: readonly { event: LogEvent }[]) => events.map(({ event }) => event.t);

  it('takes a gesture for this port of this session, once', async () => {
    const { inside, ports } = start();
    const wrong = new Gesture('publish', `${mintId('session')}:3000`);
    await assert.rejects(ports.publish(3000, minute, wrong, signal), /something else/);
    await assert.rejects(ports.publish(3000, minute, gesture(3001), signal), /something else/);
    const good = gesture(3000);
    await ports.publish(3000, minute, good, signal);
    await assert.rejects(ports.publish(3000, minute, good, signal), /already used/);
    assert.deepEqual(inside.published, [3000]);
  });

  it('is written down before it is asked for, and shown until it is taken back', async () => {
    const { inside, ports, events } = start();
    inside.answer = () => {
      assert.equal(kinds(events).at(-1), 'publish-intent');
      return Promise.resolve();
    };
    const { url, until } = await ports.publish(3000, minute, gesture(3000), signal);
    assert.equal(url, 'https://3000.example');
    assert.deepEqual(ports.rows(), [{ port: 3000, isListening: false, published: { port: 3000, url, until } }]);
    await ports.unpublish(3000);
    assert.deepEqual(ports.rows(), []);
    assert.deepEqual(kinds(events).slice(-3), ['publish-intent', 'published', 'unpublished']);
  });

  it('stays shown where the answer was lost, and goes where it never left', async () => {
    const { inside, ports } = start();
    inside.answer = () => fail('sandbox-lost', 'No answer.', { delivery: 'maybe-sent' });
    await assert.rejects(ports.publish(3000, minute, gesture(3000), signal));
    assert.equal(ports.rows()[0]?.published?.url, undefined);
    assert.equal(ports.rows()[0]?.port, 3000);
    inside.answer = () => fail('unsupported', 'This port is reserved.');
    await assert.rejects(ports.publish(3001, minute, gesture(3001), signal));
    assert.deepEqual(
      ports.rows().map(({ port }) => port),
      [3000],
    );
  });

  it('is refused past what the sandbox can do', async () => {
    const { ports } = start();
    await ports.publish(1, minute, gesture(1), signal);
    await ports.publish(2, minute, gesture(2), signal);
    await assert.rejects(ports.publish(3, minute, gesture(3), signal), /At most 2/);
    await ports.publish(2, minute, gesture(2), signal);
  });

  it('ends with its time, also where that passed while no window was open', async () => {
    const { inside, ports } = start();
    await ports.publish(3000, 30, gesture(3000), signal);
    await isTrue(() => ports.rows().length === 0, 'the end of its time');
    const later = start(
      { t: 'publish-intent', port: 9, until: 1 },
      { t: 'published', port: 9, url: 'https://9.example' },
    );
    await later.recorder.add({ t: 'sandbox', state: 'running' });
    await isTrue(() => later.ports.rows().length === 0, 'the end of an old one');
    assert.deepEqual([inside.calls.at(-1), later.inside.calls], ['unpublish 3000', ['unpublish 9']]);
  });

  it('ends with the sandbox, and what could not be taken back stays shown', async () => {
    const { inside, ports } = start();
    await ports.publish(3000, minute, gesture(3000), signal);
    inside.settled = { kind: 'unknown', problem: problem('sandbox-lost', 'No answer.') };
    await ports.unpublishAll();
    assert.equal(ports.rows().length, 1);
    inside.settled = { kind: 'done' };
    await ports.unpublishAll();
    assert.equal(ports.rows().length, 0);
  });
});
