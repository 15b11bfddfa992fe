import assert from 'node:assert/strict';
import type { PanelState, TranscriptItem } from '../../../src/shared/view.ts';
import { Store, type Change } from '../../../src/webview/store.ts';

type Command = TranscriptItem & { kind: 'command' };

const message = (id: string, text: string): TranscriptItem => ({ kind: 'message', id, text, streaming: true });

function command(id: string, output: string, more: Partial<Command> = {}): Command {
  return {
    kind: 'command',
    id,
    command: 'x',
    cwd: '/',
    output,
    omittedBytes: 0,
    state: 'running',
    startedAt: 0,
    ...more,
  };
}

function stateOf(transcript: TranscriptItem[], session?: string): PanelState {
  const summary = { title: '', sandbox: '', isolation: '', folder: '', status: 'idle', statusText: '' } as const;
  const numbers = { createdAt: 0, updatedAt: 0, changes: 0, elsewhere: false };
  return {
    transcript,
    ...(session === undefined ? {} : { session: { id: session, ...summary, ...numbers } }),
    model: { name: 'm', host: 'h' },
    sandbox: { title: 't', isolation: 'i' },
    canSend: true,
    canStop: false,
    canContinue: false,
    draft: '',
  };
}

const kinds = (changes: readonly Change[]): string[] => changes.map(({ kind }) => kind);

function outputOf(store: Store, index = 0): string | undefined {
  const item = store.entries[index]?.item;
  return item?.kind === 'command' ? item.output : undefined;
}

describe("the page's copy of the state", () => {
  it('appends unknown items, changes known ones, and says which', () => {
    const store = new Store();
    store.receive({ type: 'state', state: stateOf([message('a', 'one')]) });
    const [change] = store.receive({ type: 'items', items: [message('a', 'two'), message('b', 'three')] });
    assert.ok(change?.kind === 'entries');
    assert.deepEqual(
      [change.changed.map(({ item }) => item.id), change.added.map(({ item }) => item.id)],
      [['a'], ['b']],
    );
    assert.deepEqual(
      store.entries.map(({ item }) => item.id),
      ['a', 'b'],
    );
  });

  it('does not call an item changed that is the same', () => {
    const store = new Store();
    store.receive({ type: 'state', state: stateOf([message('a', 'one'), command('c', 'x')]) });
    const [change] = store.receive({ type: 'items', items: [message('a', 'one'), command('c', 'x')] });
    assert.ok(change?.kind === 'entries');
    assert.deepEqual([change.changed, change.added], [[], []]);
  });

  it('goes on where a full state repeats what is here, even its beginning alone', () => {
    const store = new Store();
    store.receive({ type: 'state', state: stateOf([message('a', '1'), message('b', '2')], 's') });
    assert.deepEqual(kinds(store.receive({ type: 'state', state: stateOf([message('a', '1 and more')], 's') })), [
      'status',
      'entries',
    ]);
    assert.equal(store.entries.length, 2);
  });

  it('begins anew with another session or another past', () => {
    for (const [items, session] of [
      [[message('a', '1')], 'other'],
      [[message('z', '1')], 's'],
      [[], 's'],
    ] as const) {
      const store = new Store();
      store.receive({ type: 'state', state: stateOf([message('a', '1'), message('b', '2')], 's') });
      assert.deepEqual(kinds(store.receive({ type: 'state', state: stateOf([...items], session) })), ['reset']);
      assert.equal(store.entries.length, items.length);
    }
  });

  it('adds what streams in, and ignores what is of another kind or unknown', () => {
    const store = new Store();
    store.receive({ type: 'state', state: stateOf([message('a', 'one'), command('c', 'out')]) });
    store.receive({ type: 'text-delta', id: 'a', text: ' two' });
    store.receive({ type: 'output-delta', id: 'c', text: 'put é' });
    const ignored = [
      ...store.receive({ type: 'text-delta', id: 'c', text: 'x' }),
      ...store.receive({ type: 'output-delta', id: 'a', text: 'x' }),
      ...store.receive({ type: 'text-delta', id: '__proto__', text: 'x' }),
    ];
    assert.deepEqual(ignored, []);
    assert.deepEqual(
      store.entries.map(({ item }) => ('text' in item ? item.text : '')),
      ['one two', ''],
    );
    assert.deepEqual([outputOf(store, 1), store.entries[1]?.fed, store.entries[1]?.bytes], ['output é', 8, 9]);
  });

  it('lets an item that repeats and prolongs its output be added to', () => {
    const store = new Store();
    store.receive({ type: 'items', items: [command('c', 'one\n')] });
    store.receive({ type: 'items', items: [command('c', 'one\ntwo\n', { state: 'ended' })] });
    assert.deepEqual([store.entries[0]?.epoch, store.entries[0]?.fed, store.entries[0]?.bytes], [0, 8, 8]);
  });

  it('keeps what it has where an item comes again with more of its front cut off', () => {
    const store = new Store();
    store.receive({ type: 'items', items: [command('c', 'one\ntwo\n')] });
    store.receive({ type: 'items', items: [command('c', 'two\n', { omittedBytes: 4, state: 'ended' })] });
    assert.deepEqual([store.entries[0]?.epoch, outputOf(store), store.entries[0]?.bytes], [0, 'one\ntwo\n', 8]);
  });

  it('begins an output anew where it is another one', () => {
    const store = new Store();
    store.receive({ type: 'items', items: [command('c', 'one\n')] });
    store.receive({ type: 'items', items: [command('c', 'other\n', { omittedBytes: 10 })] });
    assert.deepEqual([store.entries[0]?.epoch, store.entries[0]?.fed, store.entries[0]?.bytes], [1, 6, 16]);
  });

  it('keeps the end of an endless output, and knows how much there was', () => {
    const store = new Store();
    store.receive({ type: 'items', items: [command('c', '')] });
    for (let part = 0; part < 50; part++)
      store.receive({ type: 'output-delta', id: 'c', text: `${'x'.repeat(99)}\n`.repeat(200) });
    assert.ok((outputOf(store)?.length ?? 0) <= 300_000);
    assert.equal(store.entries[0]?.bytes, 1_000_000);
    assert.equal(outputOf(store)?.startsWith('x'.repeat(99)), true);
  });
});
