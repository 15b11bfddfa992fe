import assert from 'node:assert/strict';
import { networkSettings } from '../../../../src/sandbox/common/networkSettings.ts';

const settle = (settings: Record<string, unknown>, environment: Record<string, string> = {}) =>
  networkSettings(
    (id) => settings[id],
    (name) => environment[name],
  );

describe('how the editor reaches the network', () => {
  it('is directly, verified and with what this machine trusts, unless it is set otherwise', () => {
    assert.deepEqual(settle({}), {
      proxy: '',
      noProxy: ['localhost', '127.0.0.1', '::1'],
      authorization: '',
      strict: true,
      systemCertificates: true,
    });
    const { strict, systemCertificates, authorization } = settle({
      'http.proxyStrictSSL': false,
      'http.systemCertificates': false,
      'http.proxyAuthorization': 'Basic eA==',
    });
    assert.deepEqual([strict, systemCertificates, authorization], [false, false, 'Basic eA==']);
  });

  it('takes the proxy of the setting before those of the environment, and none where that is set', () => {
    const environment = { HTTPS_PROXY: 'http://two:2', http_proxy: 'http://three:3' };
    assert.equal(settle({ 'http.proxy': ' http://one:1 ' }, environment).proxy, 'http://one:1');
    assert.equal(settle({ 'http.proxy': '' }, environment).proxy, 'http://two:2');
    assert.equal(settle({}, { http_proxy: 'http://three:3' }).proxy, 'http://three:3');
    assert.equal(settle({ 'http.proxy': 'http://one:1', 'http.proxySupport': 'off' }, environment).proxy, '');
  });

  it('adds up who needs no proxy, and passes over what is no value', () => {
    const settings = { 'http.noProxy': ['a.example', 7, ' '], 'http.proxy': 7 };
    const { noProxy, proxy } = settle(settings, { no_proxy: 'b.example, .c.example,' });
    assert.deepEqual(noProxy.slice(3), ['a.example', 'b.example', '.c.example']);
    assert.equal(proxy, '');
  });
});
