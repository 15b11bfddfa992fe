import assert from 'node:assert/strict';
import { AirlockError, problem } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import { panelStateShape, type SessionSummary } from '../../../src/shared/view.ts';
import { resolveModel } from '../../../src/ui/model.ts';
import { panelState, type PanelFacts } from '../../../src/ui/panelState.ts';
import { whyBlocked } from '../../../src/ui/start/blocked.ts';
import { isHosted, probeAll, settle } from '../../../src/ui/start/kinds.ts';

const caps = {
  isolation: 'process',
  egress: 'none',
  reachesHostLoopback: false,
  abort: 'tree',
  survivesReload: 'processes',
  terminalReattach: false,
  maxPublished: 0,
  samePlatform: true,
  billed: false,
} as const;

type Found = Awaited<ReturnType<typeof probeAll>>[number];

function kindOf(id: string, probe: Found['probe']): Found {
  const provider = { id, title: `Kind ${id}`, isolation: `Walls of ${id}.` } as Provider;
  return { provider, probe };
}

const here = kindOf('here', { ready: true, caps });
const cloud = kindOf('cloud', { ready: true, caps: { ...caps, isolation: 'cloud-vm', billed: true } });
const broken = kindOf('broken', {
  ready: false,
  problem: problem('sandbox-unavailable', 'It needs a program.', { fix: 'install-bubblewrap', fixCommand: 'get it' }),
});

const session: SessionSummary = {
  id: 's-1',
  title: 'Fix',
  sandbox: 'Box',
  isolation: 'Walls.',
  folder: 'proj',
  status: 'idle',
  statusText: 'Ready',
  createdAt: 0,
  updatedAt: 0,
  changes: 0,
  elsewhere: false,
};

function factsOf(more: Partial<PanelFacts> = {}): PanelFacts {
  return {
    window: undefined,
    session: undefined,
    transcript: [],
    model: () => resolveModel({ name: 'm', baseUrl: '', api: 'auto' }, () => undefined),
    kind: here,
    isSending: false,
    draft: '',
    ...more,
  };
}

describe('the panel’s state', () => {
  it('is of the shared shape, with model, host and kind of sandbox', () => {
    const state = panelState(factsOf());
    assert.deepEqual(panelStateShape.parse(state), state);
    assert.deepEqual(state.model, { name: 'm', host: 'api.openai.com' });
    assert.equal(state.sandbox.title, 'Kind here');
    assert.equal(state.canSend, true);
    assert.equal(state.blocked, undefined);
  });

  it('is blocked with one button where no sandbox is ready, but not while one is there', () => {
    const kind = settle([broken], undefined);
    const state = panelState(factsOf({ kind }));
    assert.equal(state.canSend, false);
    assert.deepEqual(state.blocked?.fix, { id: 'install-bubblewrap', title: 'How to Install', command: 'get it' });
    assert.equal(panelState(factsOf({ kind, session })).canSend, true);
    assert.equal(panelState(factsOf({ kind, session: { ...session, status: 'ended' } })).canSend, false);
  });

  it('offers Stop while the agent works, Continue where it was interrupted', () => {
    const at = (status: SessionSummary['status']) => panelState(factsOf({ session: { ...session, status } }));
    assert.deepEqual([at('working').canStop, at('working').canSend, at('idle').canStop], [true, false, false]);
    assert.deepEqual([at('interrupted').canContinue, at('idle').canContinue], [true, false]);
  });

  it('lets nobody send into a session of another window or a newer version', () => {
    for (const more of [{ elsewhere: true }, { readOnly: 'Written by a newer version.' }]) {
      const state = panelState(factsOf({ session: { ...session, ...more } }));
      assert.equal(state.canSend, false);
      assert.ok(state.blocked);
    }
  });

  it('says what is wrong with the model’s settings', () => {
    const model = () => {
      throw new AirlockError(problem('bad-input', 'Not a web address.', { fix: 'choose-model' }));
    };
    const state = panelState(factsOf({ model }));
    assert.deepEqual([state.blocked?.text, state.canSend], ['Not a web address.', false]);
  });
});

describe('a window', () => {
  it('without folder, without trust or without files on disk says so, with its fix', () => {
    assert.equal(whyBlocked({ trusted: true, schemes: [] })?.fix, 'open-folder');
    assert.equal(whyBlocked({ trusted: false, schemes: ['file'] })?.fix, 'manage-trust');
    assert.match(whyBlocked({ trusted: true, schemes: ['vscode-vfs'] })?.detail ?? '', /virtual/);
    assert.equal(whyBlocked({ trusted: true, schemes: ['vscode-vfs', 'file'] }), undefined);
  });
});

describe('the kind of sandbox', () => {
  it('is never a hosted one unless somebody chose it', () => {
    assert.equal(settle([cloud, here], undefined), here);
    assert.equal(settle([cloud, here], 'cloud'), cloud);
    const none = settle([cloud], undefined);
    assert.ok(!('probe' in none));
    assert.ok(isHosted({ ...caps, billed: true }));
  });

  it('that was chosen and is not ready is not exchanged for another', () => {
    const found = settle([here, broken], 'broken');
    assert.ok('detail' in found && found.detail === 'It needs a program.');
  });

  it('whose probe breaks is not ready', async () => {
    const provider = { ...here.provider, probe: () => Promise.reject(new Error('no such device')) };
    const [kind] = await probeAll([provider], new AbortController().signal);
    assert.ok(kind?.probe.ready === false && kind.probe.problem.detail === 'no such device');
  });
});
