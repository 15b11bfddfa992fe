import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withoutRules, withRules, hostsSubject, networkWords } from '../../../../src/core/network/allowed.ts';
import { parseHostName } from '../../../../src/core/network/hostName.ts';
import { covers, hostRule, parseHostRule, ruleText, type HostRule } from '../../../../src/core/network/hostRule.ts';
import { presets, rulesOf } from '../../../../src/core/network/presets.ts';

const rule = (text: string): HostRule => {
  const parsed = parseHostRule(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.why}`);
  return parsed.rule;
};
const why = (text: string): string => {
  const parsed = parseHostRule(text);
  return parsed.ok ? 'taken' : parsed.why;
};
const labels = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z]$/);
const names = fc.array(labels, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('.'));

describe('a host rule', () => {
  it('is read as people write it', () => {
    assert.deepEqual(rule(' Registry.Example.COM. '), { host: 'registry.example.com', ports: [443, 80] });
    assert.deepEqual(rule('*.example.org'), { host: '*.example.org', ports: [443, 80] });
    assert.deepEqual(rule('example.org:8443'), { host: 'example.org', ports: [8443] });
    assert.deepEqual(rule('https://example.org:443/simple/?q=1'), { host: 'example.org', ports: [443] });
    assert.deepEqual(rule('https://example.org/simple/'), { host: 'example.org', ports: [443, 80] });
    assert.deepEqual(rule('bücher.example'), { host: 'xn--bcher-kva.example', ports: [443, 80] });
    assert.deepEqual(rule('nexus'), { host: 'nexus', ports: [443, 80] });
  });

  it('is never an address, this machine or half of the world', () => {
    for (const text of ['127.0.0.1', '[::1]', '2130706433', '0x7f.1', '127.1', '10.0.0.1:80', 'a.example.0x1f']) {
      assert.match(why(text), /not the name of a host/, text);
    }
    for (const text of ['localhost', 'LOCALHOST.', 'app.localhost']) assert.match(why(text), /this machine/, text);
    for (const text of ['*', '*.com', '*.', 'a.*.example.com', '**.example.com'])
      assert.notEqual(why(text), 'taken', text);
    for (const text of [
      '',
      ' ',
      'a b',
      'user@example.com',
      'example.com:0',
      'example.com:70000',
      'example.com:x',
      '.a',
    ]) {
      assert.notEqual(why(text), 'taken', text);
    }
  });

  it('has a text that reads back as the same rule', () => {
    fc.assert(
      fc.property(names, fc.boolean(), fc.option(fc.integer({ min: 1, max: 65_535 })), (name, wild, port) => {
        const made = hostRule(wild ? `*.${name}` : name, port === null ? undefined : [port]);
        assert.ok(made.ok);
        assert.deepEqual(rule(ruleText(made.rule)), made.rule);
      }),
    );
  });

  it('never throws, and takes only names that are names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl(), fc.domain()), (text) => {
        const parsed = parseHostRule(text);
        if (parsed.ok)
          assert.equal(parseHostName(parsed.rule.host.replace(/^\*\./, '')), parsed.rule.host.replace(/^\*\./, ''));
      }),
    );
  });

  it('covers its host and ports, and nothing that only looks like it', () => {
    const exact = rule('example.com');
    assert.ok(covers(exact, { host: 'example.com', port: 443 }) && covers(exact, { host: 'example.com', port: 80 }));
    for (const host of ['www.example.com', 'example.com.evil.org', 'xexample.com', 'example.co']) {
      assert.equal(covers(exact, { host, port: 443 }), false, host);
    }
    assert.equal(covers(exact, { host: 'example.com', port: 22 }), false);
    const wild = rule('*.example.com');
    assert.ok(
      covers(wild, { host: 'a.example.com', port: 443 }) && covers(wild, { host: 'a.b.example.com', port: 443 }),
    );
    for (const host of ['example.com', 'xexample.com', 'a.example.com.evil.org', '.example.com'.slice(1)]) {
      assert.equal(covers(wild, { host, port: 443 }), false, host);
    }
  });
});

describe('the list of allowed hosts', () => {
  it('holds each rule once, as it was allowed last', () => {
    const once = withRules([], [rule('a.example.com'), rule('b.example.com')], 'session');
    const again = withRules(once, [rule('a.example.com')], 'folder');
    assert.deepEqual(
      again.map(({ rule: one, lasts }) => `${ruleText(one)} ${lasts}`),
      ['b.example.com session', 'a.example.com folder'],
    );
    assert.deepEqual(withoutRules(again, ['a.example.com', 'never.example.com']).length, 1);
  });

  it('is named in a gesture with all that makes a difference', () => {
    const one = [rule('a.example.com'), rule('b.example.com')];
    assert.equal(hostsSubject('s', one, 'session'), hostsSubject('s', one.toReversed(), 'session'));
    const lan = hostRule('a.example.com', [443, 80], true);
    assert.ok(lan.ok);
    const others = [
      hostsSubject('t', one, 'session'),
      hostsSubject('s', one, 'folder'),
      hostsSubject('s', [lan.rule], 'session'),
    ];
    assert.equal(
      new Set([...others, hostsSubject('s', one, 'session'), hostsSubject('s', one.slice(0, 1), 'session')]).size,
      5,
    );
  });

  it('is told in few words that are true', () => {
    assert.equal(networkWords('allow-list', 0), 'no network');
    assert.equal(networkWords('allow-list', 1), 'network: 1 host');
    assert.equal(networkWords('allow-list', 3), 'network: 3 hosts');
    assert.equal(networkWords('none', 3), 'no network');
    assert.equal(networkWords('open', 0), 'open network');
  });
});

describe('the presets', () => {
  it('are made of rules, each host once and exact', () => {
    const hosts = presets.flatMap((preset) => rulesOf(preset).map(ruleText));
    assert.equal(new Set(hosts).size, hosts.length);
    assert.deepEqual(
      hosts.filter((host) => host.includes('*') || host.includes(':')),
      [],
    );
    assert.equal(new Set(presets.map(({ id }) => id)).size, presets.length);
    for (const preset of presets) assert.deepEqual(rulesOf(preset).map(ruleText), preset.hosts);
  });
});
