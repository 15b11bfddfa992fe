import assert from 'node:assert/strict';
import { apiOrigin, gatewayAddress } from '../../../../src/sandbox/celesto/api/origin.ts';

describe('where hosted computers are reached', () => {
  it('takes a base URL with and without the version', () => {
    for (const url of [
      'https://api.celesto.ai',
      'https://api.celesto.ai/',
      'https://api.celesto.ai/v1',
      'https://api.celesto.ai/v1//',
    ]) {
      assert.equal(apiOrigin(url), 'https://api.celesto.ai');
    }
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      assert.equal(apiOrigin(`http://${host}:8080/v1`), `http://${host}:8080`);
    }
  });

  it('refuses every other', () => {
    const wrong = [
      'http://api.celesto.ai',
      'http://127.0.0.2',
      'https://user@api.celesto.ai',
      'https://:secret@api.celesto.ai',
      'https://api.celesto.ai/v2',
      'https://api.celesto.ai/v1?x=1',
      'https://api.celesto.ai/#x',
      'ftp://api.celesto.ai',
      'api.celesto.ai',
      '',
    ];
    for (const url of wrong) assert.throws(() => apiOrigin(url), /base URL of Celesto/, url);
  });

  it('puts the short token of a terminal in place of any other', () => {
    const address = gatewayAddress('wss://gateway.example/t/1?region=eu&token=old', 'a b+c&d');
    assert.equal(address, 'wss://gateway.example/t/1?region=eu&token=a+b%2Bc%26d');
    assert.equal(gatewayAddress('ws://127.0.0.1:99/t', 'x'), 'ws://127.0.0.1:99/t?token=x');
    const wrong = [
      'ws://gateway.example/t',
      'https://gateway.example/t',
      'wss://u@gateway.example/t',
      'wss://g.example/t#x',
    ];
    for (const url of [...wrong, `wss://g.example/${'x'.repeat(5000)}`]) {
      assert.throws(() => gatewayAddress(url, 'x'), /cannot be used/, url.slice(0, 60));
    }
    assert.throws(() => gatewayAddress('wss://g.example/t', 'x'.repeat(20_000)));
  });
});
