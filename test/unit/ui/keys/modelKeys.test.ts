import assert from 'node:assert/strict';
import { AirlockError } from '../../../../src/core/problem.ts';
import { ModelKeys, withoutKey } from '../../../../src/ui/keys/modelKeys.ts';
import { resolveModel } from '../../../../src/ui/model.ts';
import { memorySecrets } from './memorySecrets.ts';

const modelAt = (baseUrl: string) => resolveModel({ name: 'm', baseUrl, api: 'auto' }, () => undefined);
const openai = modelAt('https://api.openai.com/v1');
const other = modelAt('https://models.example/v1');
const local = modelAt('http://127.0.0.1:8080/v1');
/** Name and endpoint as the environment gives them, with no setting beside. */
const localByEnvironment = resolveModel({ name: 'm', baseUrl: '', api: 'auto' }, (name) =>
  name === 'OPENAI_BASE_URL' ? 'http://127.0.0.1:8080/v1' : undefined,
);
const yes = () => Promise.resolve(true);
const never = () => Promise.reject(new Error('asked'));
const environment = (name: string) => (name === 'OPENAI_API_KEY' ? 'from-environment' : undefined);
const missing = (error: unknown) => error instanceof AirlockError && error.problem.id === 'model-key-missing';

describe('keys', () => {
  it('go to the origin that they were given for, and to no other', async () => {
    const keys = new ModelKeys(memorySecrets(), () => undefined);
    await keys.set(openai.origin, ' secret \n');
    assert.equal(await keys.forTurn(openai, never), 'secret');
    await assert.rejects(keys.forTurn(other, never), missing);
    await assert.rejects(keys.forTurn(modelAt('https://api.openai.com:8443/v1'), never), missing);
  });

  it('are refused where the stored entry names another origin or cannot be read', async () => {
    const secrets = memorySecrets();
    const keys = new ModelKeys(secrets, () => undefined);
    await keys.set(openai.origin, 'secret');
    const entry = secrets.held.get(`airlock.key:${openai.origin}`) ?? '';
    secrets.held.set(`airlock.key:${other.origin}`, entry);
    await assert.rejects(keys.forTurn(other, never), missing);
    secrets.held.set(`airlock.key:${openai.origin}`, '{');
    await assert.rejects(keys.forTurn(openai, never), missing);
  });

  it('are not needed on this machine, and the one of the environment stays out of a set endpoint', async () => {
    const keys = new ModelKeys(memorySecrets(), environment);
    assert.equal(await keys.forTurn(local, never), withoutKey);
    assert.equal(await keys.isReady(local), true);
    // Also where the person agreed for the same endpoint as long as the environment named it.
    await keys.forTurn(localByEnvironment, yes);
    assert.equal(await keys.forTurn(local, never), withoutKey);
  });

  it('come from the environment for an endpoint on this machine that the environment names too, once agreed to', async () => {
    const keys = new ModelKeys(memorySecrets(), environment);
    const asked: string[] = [];
    const ask = (host: string) => {
      asked.push(host);
      return Promise.resolve(true);
    };
    assert.equal(await keys.isReady(localByEnvironment), false);
    assert.equal(await keys.forTurn(localByEnvironment, ask), 'from-environment');
    assert.equal(await keys.forTurn(localByEnvironment, never), 'from-environment');
    assert.equal(await keys.isReady(localByEnvironment), true);
    assert.deepEqual(asked, ['127.0.0.1:8080']);
    await keys.forget(localByEnvironment.origin);
    assert.equal(await keys.isReady(localByEnvironment), false);
  });

  it('stay here where the person says no, and an endpoint on this machine is called without, unasked from then on', async () => {
    const keys = new ModelKeys(memorySecrets(), environment);
    const no = () => Promise.resolve(false);
    assert.equal(await keys.forTurn(localByEnvironment, no), withoutKey);
    assert.equal(await keys.forTurn(localByEnvironment, never), withoutKey);
    assert.equal(await keys.isReady(localByEnvironment), true);
    const none = new ModelKeys(memorySecrets(), () => undefined);
    assert.equal(await none.forTurn(localByEnvironment, never), withoutKey);
  });

  it('come from the environment only after that was said, once for each origin', async () => {
    const keys = new ModelKeys(memorySecrets(), environment);
    const asked: string[] = [];
    const ask = (host: string) => {
      asked.push(host);
      return Promise.resolve(true);
    };
    assert.equal(await keys.isReady(openai), false);
    assert.equal(await keys.forTurn(openai, ask), 'from-environment');
    assert.equal(await keys.forTurn(openai, ask), 'from-environment');
    assert.equal(await keys.isReady(openai), true);
    assert.equal(await keys.forTurn(other, ask), 'from-environment');
    assert.deepEqual(asked, ['api.openai.com', 'models.example']);
  });

  it('are missing where the person says no', async () => {
    const keys = new ModelKeys(memorySecrets(), environment);
    await assert.rejects(
      keys.forTurn(openai, () => Promise.resolve(false)),
      missing,
    );
    assert.equal(await keys.isReady(openai), false);
  });

  it('use the key that the person stored instead of the one of the environment', async () => {
    const keys = new ModelKeys(memorySecrets(), environment);
    const storeAnother = async () => {
      await keys.set(openai.origin, 'another');
      return false;
    };
    assert.equal(await keys.forTurn(openai, storeAnother), 'another');
  });

  it('are forgotten together with the consent for the environment', async () => {
    const secrets = memorySecrets();
    const keys = new ModelKeys(secrets, environment);
    await keys.forTurn(openai, yes);
    await keys.set(other.origin, 'secret');
    assert.deepEqual(await keys.origins(), [openai.origin, other.origin]);
    assert.deepEqual([await keys.holds(openai.origin), await keys.holds(other.origin)], [false, true]);
    await keys.forget(openai.origin);
    await keys.forget(other.origin);
    assert.deepEqual(await keys.origins(), []);
    assert.equal(secrets.held.size, 0);
  });
});
