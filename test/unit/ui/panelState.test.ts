import assert from 'node:assert/strict';
import { z } from 'zod';
import { AirlockError, problem } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import { panelStateShape, type SessionSummary, type TranscriptItem } from '../../../src/shared/view.ts';
import { resolveModel } from '../../../src/ui/model.ts';
import { panelState, type PanelFacts } from '../../../src/ui/panelState.ts';
import { present } from '../../support/present.ts';
import { whyBlocked } from '../../../src/ui/start/blocked.ts';
import {
  isHosted,
  probeAll,
  probeOne,
  settle,
  wantsSignIn,
  whyNotReady,
  type Kind,
} from '../../../src/ui/start/kinds.ts';

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

type Found = Kind;

function kindOf(id: string, probe: Found['probe']): Found {
  const provider = { id, title: `Kind ${id}`, isolation: `Walls of ${id}.` } as Provider;
  return { provider, probe };
}

const here = kindOf('here', { ready: true, caps });
const cloud = kindOf('cloud', { ready: true, caps: { ...caps, isolation: 'cloud-vm', billed: true } });
const broken = kindOf('broken', {
  ready: false,
  problem: problem('sandbox-unavailable', 'It needs a program.', { fix: 'show-command', fixCommand: 'get it' }),
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
    const kind = present(broken.probe.ready ? undefined : broken.probe.problem);
    const state = panelState(factsOf({ kind }));
    assert.equal(state.canSend, false);
    assert.deepEqual(state.blocked?.fix, { id: 'show-command', title: 'Show Command', command: 'get it' });
    assert.equal(panelState(factsOf({ kind, session })).canSend, true);
    const chosen = panelState(factsOf({ kind: broken }));
    assert.deepEqual([chosen.canSend, chosen.blocked?.text], [false, 'It needs a program.']);
    assert.equal(chosen.sandbox.title, 'Kind broken', 'another one can be chosen');
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

  it('offers whoever only looks on no button that could not be pressed', () => {
    const failed = { kind: 'notice', id: 'n1', level: 'error', text: 'No.', fix: { id: 'retry', title: 'Try Again' } };
    const transcript = [failed as TranscriptItem];
    const [own] = panelState(factsOf({ session, transcript })).transcript;
    assert.deepEqual(own, failed);
    for (const more of [{ elsewhere: true }, { readOnly: 'Written by a newer version.' }]) {
      const state = panelState(factsOf({ session: { ...session, ...more }, transcript }));
      assert.deepEqual(panelStateShape.parse(state).transcript, [
        { kind: 'notice', id: 'n1', level: 'error', text: 'No.' },
      ]);
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
  const noSetting = () => undefined;
  const { signal } = new AbortController();
  /** Settles among these, and tells which of them were asked. */
  const settled = async (kinds: readonly Found[], remembered?: string) => {
    const asked: string[] = [];
    const look = (provider: Provider) => {
      asked.push(provider.id);
      const kind = kinds.find((one) => one.provider === provider);
      return kind === undefined ? Promise.reject(new Error('not one of these')) : Promise.resolve(kind);
    };
    const found = await settle(
      kinds.map(({ provider }) => provider),
      remembered,
      look,
    );
    return { found, asked };
  };

  it('is never a hosted one unless somebody chose it', async () => {
    assert.equal((await settled([cloud, here])).found, here);
    assert.equal((await settled([cloud, here], 'cloud')).found, cloud);
    assert.ok(!('probe' in (await settled([cloud])).found));
    assert.ok(isHosted({ ...caps, billed: true }));
  });

  it('asks no kind that does not matter', async () => {
    assert.deepEqual((await settled([here, cloud])).asked, ['here']);
    assert.deepEqual((await settled([here, cloud, broken], 'cloud')).asked, ['cloud']);
    assert.deepEqual((await settled([broken, here], 'gone from this version')).asked, ['broken', 'here']);
  });

  it('is none where none is ready, and no reason of one kind stands for all', async () => {
    const { found } = await settled([broken, kindOf('odd', broken.probe), cloud]);
    const why = whyNotReady(found);
    assert.match(why?.detail ?? '', /^No kind of sandbox is ready on this machine\./);
    assert.equal(why?.fix, 'choose-sandbox');
  });

  it('that was chosen and is not ready is not exchanged for another', async () => {
    const { found } = await settled([here, broken], 'broken');
    assert.equal(found, broken);
    assert.equal(whyNotReady(found)?.detail, 'It needs a program.');
  });

  it('whose probe breaks, or whose settings are wrong, is not ready', async () => {
    const settings = z.object({ size: z.int().max(8).default(1) });
    const breaks = { ...here.provider, settings, probe: () => Promise.reject(new Error('no such device')) };
    const [kind] = await probeAll([breaks], noSetting, signal);
    assert.ok(kind?.probe.ready === false && kind.probe.problem.detail === 'no such device');
    const wrong = await probeOne(breaks, () => ({ size: 9 }), signal);
    assert.ok(!wrong.probe.ready);
    assert.match(wrong.probe.problem.detail, /airlock\.here\.size/);
    assert.equal(wrong.probe.problem.fix, 'open-settings');
  });

  it('wants nothing but a person who signs in, where that is all', () => {
    const signedOut = problem('sign-in-needed', 'You are not signed in.', { fix: 'sign-in' });
    assert.ok(wantsSignIn(kindOf('cloud', { ready: false, problem: signedOut })));
    assert.ok(!wantsSignIn(cloud));
    assert.ok(!wantsSignIn(broken));
  });
});
