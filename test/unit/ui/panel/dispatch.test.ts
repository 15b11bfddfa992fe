import assert from 'node:assert/strict';
import type { FromPanel } from '../../../../src/shared/protocol.ts';
import { dispatch, UnknownMessageError } from '../../../../src/ui/panel/dispatch.ts';

type Handlers = Parameters<typeof dispatch>[1];

const examples: { readonly [Type in FromPanel['type']]: Extract<FromPanel, { type: Type }> } = {
  ready: { type: 'ready' },
  send: { type: 'send', prompt: 'go', session: 's-1' },
  stop: { type: 'stop' },
  continue: { type: 'continue' },
  'new-session': { type: 'new-session' },
  'choose-model': { type: 'choose-model' },
  'choose-sandbox': { type: 'choose-sandbox' },
  review: { type: 'review' },
  fix: { type: 'fix', id: 'set-key' },
  copy: { type: 'copy', text: 'x' },
  'open-link': { type: 'open-link', href: 'https://nodejs.org/' },
  'open-file': { type: 'open-file', path: 'src/a.ts' },
  'watch-command': { type: 'watch-command', id: 'op-1' },
  draft: { type: 'draft', text: '' },
};

function recording(): { handlers: Handlers; seen: FromPanel[] } {
  const seen: FromPanel[] = [];
  const note = (message: FromPanel): void => void seen.push(message);
  const handlers: Handlers = {
    ready: () => note(examples.ready),
    send: note,
    stop: note,
    continue: note,
    'new-session': note,
    'choose-model': note,
    'choose-sandbox': note,
    review: note,
    fix: note,
    copy: note,
    'open-link': note,
    'open-file': note,
    'watch-command': note,
    draft: note,
  };
  return { handlers, seen };
}

describe('what the page says', () => {
  for (const example of Object.values(examples)) {
    it(`hands ${example.type} to its handler`, async () => {
      const { handlers, seen } = recording();
      await dispatch(example, handlers);
      assert.deepEqual(seen, [example]);
    });
  }

  const wrong: readonly unknown[] = [
    undefined,
    null,
    'ready',
    1,
    [],
    {},
    { type: 'apply' },
    { type: '__proto__' },
    { type: 'constructor' },
    { type: 'send' },
    { type: 'send', prompt: '' },
    { type: 'send', prompt: 'x'.repeat(200_001) },
    { type: 'send', prompt: { toString: () => 'x' } },
    { type: 'send', prompt: 'go', session: { id: 's-1' } },
    { type: 'fix', id: 1 },
    { type: 'open-link', href: 'command:workbench.action.quit' },
    { type: 'open-link', href: 'file:///etc/passwd' },
    { type: 'open-link', href: 'javascript:alert(1)' },
    { type: 'open-link', href: 'vscode://x' },
    { type: 'open-link', href: 'no address' },
  ];
  for (const raw of wrong) {
    it(`refuses ${JSON.stringify([raw]).slice(0, 60)}`, async () => {
      const { handlers, seen } = recording();
      await assert.rejects(dispatch(raw, handlers), UnknownMessageError);
      assert.deepEqual(seen, []);
    });
  }

  it('hands on fields of the protocol alone', async () => {
    const { handlers, seen } = recording();
    await dispatch({ type: 'fix', id: 'a', gesture: 'apply' }, handlers);
    assert.deepEqual(seen, [{ type: 'fix', id: 'a' }]);
  });

  it('passes on what a handler throws', async () => {
    const { handlers } = recording();
    const stop = (): Promise<void> => Promise.reject(new Error('no'));
    await assert.rejects(dispatch({ type: 'stop' }, { ...handlers, stop }), /^Error: no$/);
  });
});
