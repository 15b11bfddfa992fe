import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalAddress, classOf, type AddressClass } from '../../../../src/core/network/addresses.ts';
import { decide, judge } from '../../../../src/core/network/decision.ts';
import { hostRule, type HostRule } from '../../../../src/core/network/hostRule.ts';
import { canBeAllowed } from '../../../../src/core/network/refusal.ts';

const table: Readonly<Record<Exclude<AddressClass, 'own'>, readonly string[]>> = {
  public: [
    '93.184.216.34',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
    '64:ff9b::101:101',
  ],
  loopback: [
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '0.1.2.3',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
  ],
  'link-local': [
    '169.254.0.1',
    '169.254.169.254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
  ],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
  ],
  metadata: [
    '168.63.129.16',
    '100.100.100.200',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:168.63.129.16',
    '192.0.0.192',
  ],
  reserved: [
    ...[
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      '192.0.0.1',
      '192.0.2.1',
      '198.18.0.1',
      '203.0.113.9',
    ],
    ...[
      'ff02::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '2001::1',
      '64:ff9b:1::7f00:1',
      '::7f00:1',
      '::ffff:0:7f00:1',
      '100::1',
    ],
    ...['4000::1', '5f00::1', '127.1', '0x7f.0.0.1', '2130706433', 'localhost', '', '1.2.3.4.5', ':::', '1.2.3'],
  ],
};

describe('an address', () => {
  for (const [found, list] of Object.entries(table)) {
    it(`${found}: ${list.length} of them`, () => {
      for (const text of list) assert.equal(classOf(text), found, text);
    });
  }

  it('of this machine is its own, in whatever notation', () => {
    const own = new Set(['93.184.216.34', '2606:4700:0:0:0:0:0:1111'].flatMap((text) => canonicalAddress(text) ?? []));
    for (const text of ['93.184.216.34', '::ffff:93.184.216.34', '64:ff9b::5db8:d822', '2606:4700::1111']) {
      assert.equal(classOf(text, own), 'own', text);
    }
    assert.equal(classOf('93.184.216.35', own), 'public');
    assert.equal(classOf('127.0.0.1', new Set(['127.0.0.1'])), 'loopback');
  });

  it('is classified alike inside IPv6, and never throws', () => {
    fc.assert(
      fc.property(fc.ipV4(), (four) => {
        assert.equal(classOf(`::ffff:${four}`), classOf(four));
      }),
    );
    fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV6()), (text) => classOf(text) !== 'own'));
  });

  it('of IPv6 is public only in 2000::/3', () => {
    fc.assert(
      fc.property(fc.ipV6(), (six) => {
        const first = Number.parseInt(six.split(':')[0] ?? '', 16) || 0;
        if (classOf(six) === 'public')
          assert.ok((first & 0xe000) === 0x2000 || six.startsWith('64:ff9b') || first === 0, six);
      }),
    );
  });
});

describe('what is decided', () => {
  const rules = ['a.example.com', '*.b.example.com'].map(ruleOf);
  const target = { host: 'a.example.com', port: 443 };
  const none = new Set<string>();

  it('goes by name, then by port', () => {
    assert.deepEqual(decide(rules, target), { ok: true });
    assert.deepEqual(decide(rules, { host: 'x.b.example.com', port: 80 }), { ok: true });
    assert.deepEqual(decide(rules, { ...target, port: 22 }), { ok: false, why: 'port' });
    assert.deepEqual(decide(rules, { host: 'c.example.com', port: 443 }), { ok: false, why: 'not-allowed' });
    assert.deepEqual(decide([], target), { ok: false, why: 'not-allowed' });
  });

  it('refuses all addresses of a name for one that may not be dialled', () => {
    assert.deepEqual(judge(rules, target, ['93.184.216.34', '2606:4700::1111'], none), { ok: true });
    assert.deepEqual(judge(rules, target, ['93.184.216.34', '127.0.0.1'], none), { ok: false, why: 'loopback' });
    assert.deepEqual(judge(rules, target, ['93.184.216.34'], new Set(['93.184.216.34'])), { ok: false, why: 'own' });
    assert.deepEqual(judge(rules, target, [], none), { ok: false, why: 'unknown-host' });
  });

  it('needs a rule that says so for a private network, and nothing opens the rest', () => {
    const lan = [ruleOf('a.example.com', true)];
    assert.deepEqual(judge(rules, target, ['10.0.0.1'], none), { ok: false, why: 'private' });
    assert.deepEqual(judge(lan, target, ['10.0.0.1'], none), { ok: true });
    assert.deepEqual(judge(lan, { ...target, host: 'x.b.example.com' }, ['10.0.0.1'], none), {
      ok: false,
      why: 'private',
    });
    for (const address of ['127.0.0.1', '169.254.169.254', 'fd00:ec2::254']) {
      assert.equal(judge(lan, target, [address], none).ok, false, address);
    }
    assert.equal(judge(lan, target, ['10.0.0.1'], new Set(['10.0.0.1'])).ok, false);
  });

  it('is offered to be changed only where a person could mean it', () => {
    assert.ok(canBeAllowed('not-allowed') && canBeAllowed('port') && canBeAllowed('private'));
    for (const why of ['loopback', 'metadata', 'own', 'other-name', 'unknown-host'] as const)
      assert.ok(!canBeAllowed(why));
  });
});

function ruleOf(host: string, lan: boolean | number = false): HostRule {
  const made = hostRule(host, undefined, lan === true);
  if (!made.ok) throw new Error(made.why);
  return made.rule;
}
