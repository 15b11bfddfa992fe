import assert from 'node:assert/strict';
import { PortTokens } from '../../../../src/ui/ports/tokens.ts';

function secretsIn(kept: Map<string, string>) {
  return {
    get: (key: string) => Promise.resolve(kept.get(key)),
    store: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
    delete: (key: string) => Promise.resolve(void kept.delete(key)),
  };
}

describe('the secrets that open ports', () => {
  it('are one for each session, also when asked for twice at once, and after a reload', async () => {
    const kept = new Map<string, string>();
    const tokens = new PortTokens(secretsIn(kept));
    const [one, same, other] = await Promise.all([tokens.of('s-1'), tokens.of('s-1'), tokens.of('s-2')]);
    assert.match(one, /^[0-9a-f]{64}$/);
    assert.equal(one, same);
    assert.notEqual(one, other);
    assert.equal(await new PortTokens(secretsIn(kept)).of('s-1'), one);
  });

  it('are forgotten with their session', async () => {
    const kept = new Map<string, string>();
    const tokens = new PortTokens(secretsIn(kept));
    const before = await tokens.of('s-1');
    await tokens.forget('s-1');
    assert.equal(kept.size, 0);
    assert.notEqual(await tokens.of('s-1'), before);
  });

  it('are made anew where what is kept is none, and where nothing can be kept', async () => {
    const damaged = new Map([['airlock.ports:s-1', 'guess']]);
    assert.match(await new PortTokens(secretsIn(damaged)).of('s-1'), /^[0-9a-f]{64}$/);
    const fails = () => Promise.reject(new Error('locked'));
    const tokens = new PortTokens({ get: fails, store: fails, delete: fails });
    assert.match(await tokens.of('s-1'), /^[0-9a-f]{64}$/);
    assert.equal(await tokens.of('s-1'), await tokens.of('s-1'));
  });
});
