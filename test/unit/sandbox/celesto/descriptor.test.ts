import assert from 'node:assert/strict';
import { AirlockError, type Problem } from '../../../../src/core/problem.ts';
import { celestoProvider, chosenBaseUrl, type KeyStore } from '../../../../src/sandbox/celesto/index.ts';

const { signal } = new AbortController();
/** A port of this machine where nothing listens. */
const nobody = 'http://127.0.0.1:9';

describe('what hosted computers are told apart by', () => {
  it('takes the address from the setting, then from the environment, then from the service, and says where from', () => {
    assert.deepEqual(chosenBaseUrl('', undefined), { value: 'https://api.celesto.ai' });
    assert.deepEqual(chosenBaseUrl(undefined, ' http://127.0.0.1:1/v1 '), {
      value: 'http://127.0.0.1:1/v1',
      from: 'the variable CELESTO_BASE_URL',
    });
    assert.deepEqual(chosenBaseUrl('https://a.example', 'https://b.example'), {
      value: 'https://a.example',
      from: 'the setting airlock.celesto.baseUrl',
    });
  });

  it('names the setting or the variable whose address cannot be used', () => {
    assert.throws(() => chosenBaseUrl('http://a.example', undefined), /setting airlock\.celesto\.baseUrl, must begin/);
    assert.throws(() => chosenBaseUrl(7, undefined), /setting airlock\.celesto\.baseUrl/);
    assert.throws(() => chosenBaseUrl('', 'https://u:p@a.example'), /variable CELESTO_BASE_URL, must not hold a user/);
  });

  it('asks nobody where there is no key: a person signs in first', async () => {
    const keys: KeyStore = { read: () => Promise.resolve(undefined) };
    const provider = celestoProvider({ baseUrl: () => nobody, keys, storage: '/nowhere', log: () => undefined });
    const probe = await provider.probe(signal);
    assert.ok(!probe.ready);
    assert.deepEqual([probe.problem.id, probe.problem.fix], ['sign-in-needed', 'sign-in']);
    assert.deepEqual(provider.actions, []);
  });

  it('sends a key that was entered for one origin to no other that is set meanwhile', async () => {
    let baseUrl = nobody;
    let said: Problem | undefined;
    const keys: KeyStore = {
      read: () => Promise.resolve(undefined),
      ask: async (_origin, check) => {
        baseUrl = 'http://127.0.0.1:7';
        said = await check('secret');
      },
    };
    const provider = celestoProvider({ baseUrl: () => baseUrl, keys, storage: '/nowhere', log: () => undefined });
    await provider.actions[0]?.run(signal);
    assert.equal(said?.id, 'bad-input');
    assert.match(said.detail, /entered for http:\/\/127\.0\.0\.1:9,/);
  });

  it('signs in and out at the origin that is set, and refuses an address that cannot be used', async () => {
    const asked: string[] = [];
    const keys: KeyStore = {
      read: () => Promise.resolve(undefined),
      ask: (origin) => Promise.resolve(void asked.push(`in ${origin}`)),
      forget: (origin) => Promise.resolve(void asked.push(`out ${origin}`)),
    };
    let baseUrl = `${nobody}/v1`;
    const provider = celestoProvider({ baseUrl: () => baseUrl, keys, storage: '/nowhere', log: () => undefined });
    for (const action of provider.actions) await action.run(signal);
    assert.deepEqual(asked, [`in ${nobody}`, `out ${nobody}`]);
    baseUrl = 'http://api.celesto.ai';
    await assert.rejects(async () => await provider.actions[0]?.run(signal), AirlockError);
    const probe = await provider.probe(signal);
    assert.ok(!probe.ready && probe.problem.fix === 'open-settings');
  });
});
