import assert from 'node:assert/strict';
import { Gesture } from '../../../../src/core/gesture.ts';
import { hostsSubject, type Lasts } from '../../../../src/core/network/allowed.ts';
import type { Connection } from '../../../../src/core/network/connections.ts';
import type { Egress, EgressGate } from '../../../../src/core/network/egress.ts';
import { hostRule, ruleText, type HostRule } from '../../../../src/core/network/hostRule.ts';
import { AirlockError, fail } from '../../../../src/core/problem.ts';
import type { Sandbox } from '../../../../src/core/sandbox.ts';
import type { SessionDelta } from '../../../../src/core/session/api.ts';
import type { LoggedEvent, LogEvent } from '../../../../src/core/session/events.ts';
import { Recorder } from '../../../../src/core/session/recorder.ts';
import { SessionNetwork, wordsOf } from '../../../../src/core/session/sessionNetwork.ts';
import type { SessionLog } from '../../../../src/core/storage.ts';
import { mintId } from '../../../../src/shared/ids.ts';

/** A log in memory whose disk can be full. */
class MemoryLog implements SessionLog {
  readonly events: LoggedEvent[] = [];
  isFull = false;
  readonly #listeners = new Set<(event: LoggedEvent) => void>();

  append(event: LogEvent): Promise<LoggedEvent> {
    if (this.isFull) return Promise.reject(new Error('the disk is full'));
    const logged = { seq: this.events.length, at: 1000 + this.events.length, event };
    this.events.push(logged);
    for (const listener of this.#listeners) listener(logged);
    return Promise.resolve(logged);
  }

  subscribe(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The part of a sandbox that the network uses, with what was done to it. */
class Place {
  readonly did: string[] = [];
  gate: EgressGate | undefined;
  readonly caps: { readonly egress: 'none' | 'allow-list' | 'open' };
  refuses = false;

  constructor(egress: 'none' | 'allow-list' | 'open' = 'allow-list') {
    this.caps = { egress };
  }

  openEgress(gate: EgressGate): Promise<Egress> {
    if (this.refuses) fail('unsupported', 'Restart it.');
    this.did.push('open');
    this.gate = gate;
    return Promise.resolve({
      recheck: () => {
        this.did.push('recheck');
      },
      close: () => {
        this.did.push('close');
        return Promise.resolve();
      },
    });
  }

  allows(host: string): boolean | undefined {
    return this.gate?.decide(target(host)).ok;
  }

  get sandbox(): Sandbox {
    return this as unknown as Sandbox;
  }
}

const session = mintId('session');
const ruleOf = (host: string): HostRule => {
  const made = hostRule(host);
  return made.ok ? made.rule : assert.fail(made.why);
};
const [a, b] = [ruleOf('a.example.com'), ruleOf('b.example.com')];
const target = (host: string) => ({ host, port: 443 });
const running: LogEvent = { t: 'sandbox', state: 'running' };

async function started(place = new Place(), log = new MemoryLog()) {
  await log.append(running);
  const recorder = new Recorder(log);
  const network = new SessionNetwork(session, recorder);
  await network.adopt(place.sandbox);
  const allow = (rules: readonly HostRule[], lasts: Lasts = 'session') =>
    network.allow(rules, lasts, new Gesture('allow-host', hostsSubject(session, rules, lasts)));
  return { network, recorder, place, log, allow };
}

describe('the network of a session', () => {
  it('opens with the first host and shuts with the last', async () => {
    const { network, place, allow } = await started();
    assert.equal(place.did.length, 0);
    assert.equal(wordsOf(network.view()), 'no network');
    await allow([a, b]);
    assert.deepEqual(place.did, ['open']);
    assert.equal(wordsOf(network.view()), 'network: 2 hosts');
    assert.equal(place.allows('a.example.com'), true);
    await network.revoke([ruleText(a)]);
    assert.equal(place.allows('a.example.com'), false);
    assert.equal(place.did.at(-1), 'recheck');
    await network.revoke([ruleText(b)]);
    assert.equal(place.did.at(-1), 'close');
    assert.equal(wordsOf(network.view()), 'no network');
  });

  it('takes a gesture for exactly these hosts, once', async () => {
    const { network, place } = await started();
    const gesture = new Gesture('allow-host', hostsSubject(session, [a], 'session'));
    await assert.rejects(network.allow([a, b], 'session', gesture));
    await assert.rejects(network.allow([a], 'folder', gesture));
    await network.allow([a], 'session', gesture);
    await assert.rejects(network.allow([a], 'session', gesture), /already used/);
    await assert.rejects(network.allow([b], 'session', new Gesture('apply', hostsSubject(session, [b], 'session'))));
    assert.equal(place.allows('b.example.com'), false);
  });

  it('holds after a reload and for the same sandbox started anew, until that is deleted', async () => {
    const first = await started();
    await first.allow([a]);
    await first.network.close();
    assert.equal(first.place.did.at(-1), 'close');
    const again = new Recorder(first.log);
    const network = new SessionNetwork(session, again);
    const place = new Place();
    await network.adopt(place.sandbox);
    assert.deepEqual(place.did, ['open']);
    await network.adopt(place.sandbox);
    assert.deepEqual(place.did, ['open', 'close', 'open']);
    await again.add({ t: 'sandbox', state: 'deleted' });
    assert.deepEqual(network.view().allowed, []);
    assert.equal(place.allows('a.example.com'), false);
  });

  it('is refused where the sandbox keeps to no list, and says what that one has', async () => {
    for (const egress of ['none', 'open'] as const) {
      const { network, allow, log } = await started(new Place(egress));
      await assert.rejects(allow([a]), (error) => error instanceof AirlockError && error.problem.id === 'unsupported');
      assert.equal(wordsOf(network.view()), egress === 'none' ? 'no network' : 'open network');
      assert.ok(log.events.every(({ event }) => event.t !== 'hosts-allowed'));
    }
  });

  it('tells that nothing gets out where the sandbox cannot open it', async () => {
    const place = new Place();
    place.refuses = true;
    const { network, allow } = await started(place);
    await assert.rejects(allow([a]), /Restart it/);
    assert.equal(wordsOf(network.view()), 'network: not available');
    assert.match(network.view().problem?.detail ?? '', /Restart it/);
  });

  it('shuts where taking back cannot be written down', async () => {
    const { network, place, log, allow } = await started();
    await allow([a]);
    log.isFull = true;
    await assert.rejects(network.revoke([ruleText(a)]), /disk is full/);
    assert.equal(place.did.at(-1), 'close');
  });

  it('keeps connections over a reload, tells refusals, and writes down a bounded number', async () => {
    const { network, recorder, place, log, allow } = await started();
    await allow([a]);
    const told: SessionDelta[] = [];
    recorder.onDelta((delta) => told.push(delta));
    const connection = { id: 'c1', target: target('a.example.com'), at: 5, sent: 1, received: 2, times: 1 };
    place.gate?.report({ ...connection, state: 'open' });
    place.gate?.report({ ...connection, state: 'closed', sent: 10, received: 20 });
    for (const id of ['c2', 'c3']) {
      place.gate?.report({ ...connection, id, target: target('x.example.com'), state: 'refused', why: 'not-allowed' });
    }
    const refused = told.flatMap((delta) =>
      delta.kind === 'network' && delta.refused !== undefined ? [delta.refused.times] : [],
    );
    assert.deepEqual(refused, [1, 2]);
    const written = log.events.filter(({ event }) => event.t === 'connection');
    assert.equal(written.length, 2, 'the end of one, and the first refusal of the other');
    const later = new SessionNetwork(session, new Recorder(log));
    assert.deepEqual(
      later.view().connections.map(({ target: { host }, state, received }) => [host, state, received]),
      [
        ['x.example.com', 'refused', 2],
        ['a.example.com', 'closed', 20],
      ],
    );
    for (let at = 0; at < 2500; at += 1) place.gate?.report({ ...connection, id: `f${at}`, state: 'closed' });
    assert.equal(log.events.filter(({ event }) => event.t === 'connection').length, 2001, 'one of them refused');
    assert.equal(network.view().connections.length, 251);
  });

  it('hides no transfer behind refusals or other connections, and counts what it cannot write down', async () => {
    const { network, place, log, allow } = await started();
    await allow([a]);
    const report = (id: string, more: Partial<Connection>) =>
      place.gate?.report({
        id,
        target: target('a.example.com'),
        at: 5,
        state: 'closed',
        sent: 0,
        received: 0,
        times: 1,
        ...more,
      });
    report('large', { state: 'open' });
    for (let at = 0; at < 3000; at += 1) {
      report(`r${at}`, { state: 'refused', why: 'not-allowed', target: target(`x${at}.example.com`) });
    }
    report('first', { sent: 1 });
    for (let at = 0; at < 3000; at += 1) report(`c${at}`, {});
    assert.ok(
      network.view().connections.some(({ id }) => id === 'large'),
      'it is still open',
    );
    report('large', { sent: 5_000_000 });
    assert.ok(network.view().connections.some(({ id, sent }) => id === 'large' && sent === 5_000_000));
    const ids = log.events.flatMap(({ event }) => (event.t === 'connection' ? [event.id] : []));
    assert.ok(ids.includes('first'), 'refusals use up no place of it');
    const sums = () => log.events.flatMap(({ event }) => (event.t === 'traffic' ? [event] : []));
    assert.equal(sums().at(-1)?.sent, 5_000_001);
    report('more', { sent: 1 });
    const written = sums().length;
    assert.ok(written < 20, 'a flood writes few of them');
    await network.close();
    const all = { t: 'traffic', rule: 'a.example.com', connections: 3003, sent: 5_000_002, received: 0 };
    assert.deepEqual(sums().at(-1), all);
    const later = new SessionNetwork(session, new Recorder(log));
    await later.close();
    assert.equal(sums().length, written + 1, 'nothing was added to it');
  });

  it('shows in the transcript what a person allowed and took back', async () => {
    const { network, recorder, allow } = await started();
    await allow([a, b], 'folder');
    await network.revoke([ruleText(a)]);
    const texts = recorder.transcript.items().map((item) => (item.kind === 'notice' ? item.text : ''));
    assert.deepEqual(texts.slice(-2), [
      'You let the sandbox reach a.example.com, b.example.com in sessions of this folder.',
      'The sandbox can no longer reach a.example.com.',
    ]);
  });
});
