import assert from 'node:assert/strict';
import { AirlockError } from '../../../src/core/problem.ts';
import { defaultModel, environmentSentence, isLoopback, resolveModel } from '../../../src/ui/model.ts';
import { readModelSettings, readProviderSettings } from '../../../src/ui/settings.ts';
import { z } from 'zod';

const unset = { name: '', baseUrl: '', api: 'auto' } as const;
const none = () => undefined;
const from = (values: Record<string, string>) => (name: string) => values[name];
const badInput = (error: unknown) => error instanceof AirlockError && error.problem.id === 'bad-input';

describe('the model', () => {
  it('is OpenAI’s Responses interface by default', () => {
    const model = resolveModel(unset, none);
    assert.deepEqual(model.choice, { name: defaultModel, baseUrl: 'https://api.openai.com/v1', api: 'responses' });
    assert.equal(model.origin, 'https://api.openai.com');
    assert.equal(environmentSentence(model), undefined);
  });

  it('comes from the environment where no setting says otherwise, and that is said', () => {
    const environment = from({ OPENAI_MODEL: 'tiny', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1/' });
    const model = resolveModel(unset, environment);
    assert.deepEqual(model.choice, { name: 'tiny', baseUrl: 'http://127.0.0.1:9/v1', api: 'chat-completions' });
    assert.equal(model.isLocal, true);
    assert.match(environmentSentence(model) ?? '', /tiny \(OPENAI_MODEL\) and endpoint 127\.0\.0\.1:9/);
    const chosen = resolveModel({ name: 'mine', baseUrl: 'https://a.example', api: 'responses' }, environment);
    assert.deepEqual(chosen.choice, { name: 'mine', baseUrl: 'https://a.example', api: 'responses' });
    assert.equal(environmentSentence(chosen), undefined);
  });

  const refused = [
    'http://models.example/v1',
    'http://localhost.evil.example/v1',
    'http://127.0.0.1.evil.example/v1',
    'ftp://127.0.0.1/',
    'nonsense',
    'https://user:secret@models.example/v1',
    'https://models.example/v1?key=secret',
  ];
  for (const baseUrl of refused) {
    it(`refuses the endpoint ${baseUrl} without repeating a secret`, () => {
      assert.throws(
        () => resolveModel({ ...unset, baseUrl }, none),
        (error) => badInput(error) && !String(error).includes('secret'),
      );
    });
  }

  it('knows what can only be this machine', () => {
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]']) assert.ok(isLoopback(host));
    for (const host of ['0.0.0.0', '10.0.0.1', '127.0.0.1.example', 'mylocalhost', '[::]']) {
      assert.ok(!isLoopback(host), host);
    }
  });
});

describe('settings', () => {
  it('are read with their defaults, and a wrong one is named', () => {
    assert.deepEqual(readModelSettings(none), unset);
    const wrong = (id: string) => (id === 'airlock.model.api' ? 'smoke-signals' : '');
    assert.throws(() => readModelSettings(wrong), /airlock\.model\.api/);
  });

  it('of a provider are read by its own schema', () => {
    const provider = { id: 'cloud', settings: z.object({ size: z.int().max(8).default(2) }) };
    const read = (value: unknown) => readProviderSettings(provider, () => value);
    assert.deepEqual(read(undefined), { size: 2 });
    assert.deepEqual(read({ size: 8 }), { size: 8 });
    assert.throws(() => read({ size: 9 }), /airlock\.cloud\.size/);
  });
});
