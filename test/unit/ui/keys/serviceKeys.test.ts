import assert from 'node:assert/strict';
import { problem, type Problem } from '../../../../src/core/problem.ts';
import { ServiceKeys, type KeyQuestions } from '../../../../src/ui/keys/serviceKeys.ts';
import { memorySecrets } from './memorySecrets.ts';

const origin = 'https://cloud.example';
const other = 'https://cloud.example:8443';
const { signal } = new AbortController();
const refused = problem('sign-in-needed', 'The service does not accept the key.');
const check = (key: string): Promise<Problem | undefined> =>
  Promise.resolve(key.startsWith('right') ? undefined : refused);

/** A person who answers in that order; what they were asked and told is noted. */
function person(...answers: (string | undefined)[]): KeyQuestions & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    environment: (service, place) => {
      heard.push(`${service.variable} for ${place}?`);
      return Promise.resolve(answers.shift() as 'use' | 'other' | undefined);
    },
    key: async (service, place, checkKey, _signal, why) => {
      heard.push(`key of ${service.title} for ${place}?${why === undefined ? '' : ` ${why.detail}`}`);
      const key = answers.shift();
      if (key !== undefined) assert.equal(await checkKey(key), undefined);
      return key;
    },
    tell: (text) => void heard.push(text),
  };
}

describe('keys of a hosted service', () => {
  const make = (questions: KeyQuestions, variable?: string, addressFrom?: string) => {
    const secrets = memorySecrets();
    const service = {
      title: 'Cloud',
      variable: 'CLOUD_KEY',
      ...(addressFrom === undefined ? {} : { addressFrom: () => addressFrom }),
    };
    const environment = (name: string) => (name === 'CLOUD_KEY' ? variable : undefined);
    return { secrets, keys: new ServiceKeys(service, secrets, environment, questions) };
  };

  it('are asked for, and kept for the origin that they were given for alone', async () => {
    const someone = person('right key \n');
    const { keys, secrets } = make(someone);
    assert.equal(await keys.read(origin), undefined);
    await keys.ask(origin, check, signal);
    assert.deepEqual(await keys.read(origin), { value: 'right key' });
    assert.equal(await keys.read(other), undefined);
    assert.deepEqual(someone.heard, ['key of Cloud for cloud.example?', 'Signed in to Cloud.']);
    // The keys of models are another ring.
    assert.deepEqual([...secrets.held.keys()], [`airlock.service.key:${origin}`]);
  });

  it('of the environment are no consent: they are used only after that was said, with where the address comes from', async () => {
    const someone = person('use');
    const { keys } = make(someone, ' right \n', 'the variable CLOUD_URL');
    assert.equal(await keys.read(origin), undefined);
    await keys.ask(origin, check, signal);
    assert.deepEqual(await keys.read(origin), { value: 'right', from: 'the variable CLOUD_KEY' });
    assert.equal(await keys.read(other), undefined);
    assert.deepEqual(someone.heard, ['CLOUD_KEY for cloud.example (the variable CLOUD_URL)?', 'Signed in to Cloud.']);
  });

  it('of the environment that the service refuses are not used: another one is asked for, with the reason', async () => {
    const someone = person('use', 'right');
    const { keys } = make(someone, 'wrong');
    await keys.ask(origin, check, signal);
    assert.deepEqual(await keys.read(origin), { value: 'right' });
    assert.equal(someone.heard[1], 'key of Cloud for cloud.example? The service does not accept the key.');
  });

  it('are not there where the person dismisses a question, and nobody says that they are', async () => {
    for (const [questions, variable] of [
      [person(undefined), 'right'],
      [person('other', undefined), 'right'],
      [person(undefined), undefined],
    ] as const) {
      const { keys, secrets } = make(questions, variable);
      await keys.ask(origin, check, signal);
      assert.equal(await keys.read(origin), undefined);
      assert.equal(secrets.held.size, 0);
      assert.ok(!questions.heard.some((text) => text.startsWith('Signed')));
    }
  });

  it('of a person win over the one of the environment, and both are forgotten together', async () => {
    const { keys, secrets } = make(person('use', 'right of mine'), 'right');
    await keys.ask(origin, check, signal);
    await keys.ask(origin, check, signal);
    assert.deepEqual(await keys.read(origin), { value: 'right of mine' });
    await keys.forget(origin);
    assert.equal(await keys.read(origin), undefined);
    assert.equal(secrets.held.size, 0);
  });
});
