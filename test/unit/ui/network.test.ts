import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { NetworkView } from '../../../src/core/network/api.ts';
import type { Connection } from '../../../src/core/network/connections.ts';
import { hostRule, ruleText, type HostRule } from '../../../src/core/network/hostRule.ts';
import { presets } from '../../../src/core/network/presets.ts';
import { differenceOf, isWhole, rulesIn } from '../../../src/ui/network/choice.ts';
import { questionOf, ruleFor } from '../../../src/ui/network/question.ts';
import { Quiet } from '../../../src/ui/network/quiet.ts';
import { allowedRow, connectionRow, networkSentence, networkTitle } from '../../../src/ui/network/rows.ts';
import { readSources } from '../../support/architecture/sources.ts';
import { Taste } from '../../../src/ui/taste.ts';

const ruleOf = (host: string, ports?: readonly number[], lan = false): HostRule => {
  const made = hostRule(host, ports, lan);
  if (!made.ok) throw new Error(made.why);
  return made.rule;
};
const connection: Connection = {
  id: '1',
  target: { host: 'a.example.com', port: 443 },
  at: 0,
  state: 'closed',
  sent: 1200,
  received: 3_400_000,
  times: 1,
};
const preset = (id: string) => presets.find((one) => one.id === id) ?? assert.fail(id);
const view = (more: Partial<NetworkView>): NetworkView => ({
  egress: 'allow-list',
  allowed: [],
  connections: [],
  ...more,
});

describe('the network view', () => {
  it('says in words what came of a connection', () => {
    assert.equal(connectionRow(connection).label, 'a.example.com:443');
    assert.equal(connectionRow(connection).description, 'allowed · 1.2 kB out, 3.4 MB in');
    const refused = connectionRow({ ...connection, state: 'refused', why: 'not-allowed', times: 3 });
    assert.equal(refused.description, 'refused: not on the list of allowed hosts · 3 times');
    assert.match(refused.spoken, /a\.example\.com:443, refused: not on the list/);
    const failed = connectionRow({ ...connection, state: 'failed', why: 'unreachable' });
    assert.equal(failed.description, 'failed: does not answer');
    const revoked = connectionRow({ ...connection, why: 'taken-back' });
    assert.match(revoked.description, /^allowed, ended: no longer allowed/);
  });

  it('offers to allow what allowing would mend, and nothing else', () => {
    const context = (why: NonNullable<Connection['why']>, state: Connection['state'] = 'refused') =>
      connectionRow({ ...connection, state, why }).context;
    for (const why of ['not-allowed', 'port', 'private'] as const) assert.equal(context(why), 'refused offered');
    for (const why of ['loopback', 'metadata', 'own', 'other-name'] as const) assert.equal(context(why), 'refused');
    assert.equal(context('unknown-host', 'failed'), 'failed');
  });

  it('tells how long a host stays allowed', () => {
    assert.equal(allowedRow({ rule: ruleOf('a.example.com'), lasts: 'session' }).description, 'for this session');
    const lan = allowedRow({ rule: ruleOf('a.example.com', [8443], true), lasts: 'folder' });
    assert.deepEqual(
      [lan.label, lan.description],
      ['a.example.com:8443', 'remembered for this folder · also in a private network'],
    );
  });

  it('is true of every kind of sandbox', () => {
    assert.equal(networkTitle(view({})), 'no network');
    assert.equal(networkTitle(view({ allowed: [{ rule: ruleOf('a.b'), lasts: 'session' }] })), 'network: 1 host');
    assert.equal(networkTitle(view({ egress: 'open' })), 'open network');
    assert.match(networkSentence(view({ egress: 'open' })), /reach any host, and Airlock neither limits nor sees/);
    assert.match(networkSentence(view({ egress: 'none' })), /has no network to the outside, .*to it\.$/);
    const here = { egress: 'none', reachesHere: true } as const;
    assert.equal(networkTitle(view(here)), 'network: this machine only');
    assert.match(networkSentence(view(here)), /has no network to the outside.* reach what listens on localhost/);
    assert.match(networkSentence(view({ ...here, egress: 'open' })), /any host.* reach what listens on localhost/);
    assert.equal(networkSentence(view({})), '');
    assert.equal(networkTitle(view({ egress: 'unknown' })) + networkTitle(undefined) + networkSentence(undefined), '');
  });
});

describe('a choice of hosts', () => {
  const texts = (...ids: string[]) => new Set(ids.flatMap((id) => preset(id).hosts));

  it('adds what was checked and takes back what was unchecked', () => {
    const { add, remove } = differenceOf([preset('pypi')], [ruleOf('nexus.example.com')], texts('npm'));
    assert.deepEqual(add.map(ruleText), [...preset('pypi').hosts, 'nexus.example.com']);
    assert.deepEqual(remove, preset('npm').hosts);
    assert.deepEqual(differenceOf([preset('npm')], [], texts('npm')), { add: [], remove: [] });
  });

  it('leaves alone what was only half allowed, and hosts by name', () => {
    const some = new Set([preset('npm').hosts[0] ?? '', 'nexus.example.com']);
    assert.equal(isWhole(preset('npm'), some), false);
    assert.deepEqual(differenceOf([], [], some), { add: [], remove: [] });
    assert.deepEqual(differenceOf([preset('npm')], [], some).add.map(ruleText), preset('npm').hosts.slice(1));
  });

  it('reads names as they are typed, and says which one is none', () => {
    assert.deepEqual(rulesIn('a.example.com, b.example.com:8443  *.c.example.com').rules.map(ruleText), [
      'a.example.com',
      'b.example.com:8443',
      '*.c.example.com',
    ]);
    assert.match(rulesIn('a.example.com 127.0.0.1').why ?? '', /^127\.0\.0\.1: .*Addresses cannot be allowed/);
    assert.match(rulesIn('').why ?? '', /Type the name/);
    assert.match(rulesIn('localhost').why ?? '', /this machine/);
  });

  it('asks by name and says what a host can do', () => {
    const one = questionOf([ruleOf('a.example.com')]);
    assert.equal(one.message, 'Let the sandbox reach a.example.com?');
    assert.match(one.detail ?? '', /can send there whatever they see of your folder/);
    const two = questionOf([ruleOf('a.example.com', [8443], true), ruleOf('b.example.com')]);
    assert.match(two.message, /2 hosts/);
    assert.match(two.detail ?? '', /• a\.example\.com:8443\n• b\.example\.com[^]*private network/);
  });

  it('allows a refused host on the ports it was asked for', () => {
    assert.deepEqual(ruleFor({ host: 'a.example.com', port: 443 }, false).ports, [443, 80]);
    assert.deepEqual(ruleFor({ host: 'a.example.com', port: 9000 }, true), {
      host: 'a.example.com',
      ports: [9000],
      lan: true,
    });
  });
});

describe('notices of refused hosts', () => {
  it('come once for a host, seldom, and not without end', () => {
    const quiet = new Quiet(10, 3);
    assert.equal(quiet.mayTell('a', 0), true);
    assert.equal(quiet.mayTell('b', 5), false, 'too soon');
    assert.equal(quiet.mayTell('b', 10), true, 'what was passed over may still be told');
    assert.equal(quiet.mayTell('a', 20), false, 'told before');
    assert.equal(quiet.mayTell('c', 20), true);
    assert.equal(quiet.mayTell('d', 99), false, 'enough');
  });
});

describe('hosts remembered for a folder', () => {
  it('are read back as rules, and nothing else is', async () => {
    const kept = new Map<string, unknown>();
    const taste = new Taste({
      get: (key) => kept.get(key),
      keys: () => [...kept.keys()],
      update: (key, value) => Promise.resolve(void kept.set(key, JSON.parse(JSON.stringify(value ?? null)))),
    });
    const rules = [ruleOf('a.example.com'), ruleOf('*.b.example.com', [8443], true)];
    await taste.setHosts('file:///a', rules);
    assert.deepEqual(taste.hosts('file:///a'), rules);
    assert.deepEqual(taste.hosts('file:///b'), []);
    kept.set('hosts:file:///a', [
      { host: '*', ports: [443] },
      { host: '127.0.0.1', ports: [80] },
      'a',
      { host: 'a.b', ports: ['x'] },
    ]);
    assert.deepEqual(taste.hosts('file:///a'), []);
    await taste.setHosts('file:///a', []);
    assert.deepEqual(taste.hosts('file:///a'), []);
  });
});

describe('hosts that are remembered for a folder', () => {
  it('are allowed again by all that fills a sandbox: what was allowed ended with the one before', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
    const filling = readSources(root, ['src/ui']).filter(({ text }) => /session\.(start|refill)\(/.test(text));
    const bodies = filling.map(({ path, text }) => [path, /await allowRemembered\(\w+, session\)/.test(text)]);
    assert.deepEqual(Object.fromEntries(bodies), {
      'src/ui/start/hydrate.ts': true,
      'src/ui/start/refill.ts': true,
    });
  });
});
