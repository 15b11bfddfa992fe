import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type * as vscode from 'vscode';
import { toPanelShape, type ToPanel } from '../../../../src/shared/protocol.ts';
import type { PanelState, TranscriptItem } from '../../../../src/shared/view.ts';
import type { PanelDelta, PanelModel } from '../../../../src/ui/panel/model.ts';
import { PanelView } from '../../../../src/ui/panel/view.ts';
import { eventually } from '../../../support/vscode/eventually.ts';

const message = (id: string, text = ''): TranscriptItem => ({ kind: 'message', id, text, streaming: false });

function stateOf(transcript: TranscriptItem[]): PanelState {
  const rest = { model: { name: 'm', host: 'h' }, sandbox: { title: 't', isolation: 'i' }, draft: 'kept' };
  return { transcript, ...rest, canSend: true, canStop: false, canContinue: false };
}

/** An address that can do what the view needs of one. */
function uri(path: string): vscode.Uri {
  return {
    path,
    with: ({ path: other }: { path: string }) => uri(other),
    toString: () => `test:${path}`,
  } as unknown as vscode.Uri;
}

/** A webview of the editor: keeps what is posted to it. */
class EditorView {
  readonly posted: ToPanel[] = [];
  readonly events = new EventEmitter();
  readonly webview;
  visible = true;

  constructor() {
    const on = (name: string) => (listener: (event: unknown) => void) => {
      this.events.on(name, listener);
      return { dispose: () => this.events.off(name, listener) };
    };
    this.webview = {
      html: '',
      options: {} as vscode.WebviewOptions,
      cspSource: 'https://csp.example',
      asWebviewUri: (file: vscode.Uri) => file,
      onDidReceiveMessage: on('message'),
      postMessage: (posted: unknown) => {
        this.posted.push(toPanelShape.parse(posted));
        this.events.emit('posted');
        return Promise.resolve(true);
      },
    };
    Object.assign(this, { onDidChangeVisibility: on('visibility'), onDidDispose: on('dispose') });
  }

  /** What the page says once it is made; answered with the full state. */
  async ready(): Promise<void> {
    const answered = once(this.events, 'posted');
    this.events.emit('message', { type: 'ready' });
    await answered;
  }

  show(visible: boolean): void {
    this.visible = visible;
    this.events.emit('visibility');
  }

  /** What was posted since the last call. */
  taken(): string[] {
    return this.posted.splice(0).map((one) => one.type);
  }
}

/** The panel over a model that the test drives. */
function open(transcript: TranscriptItem[] = []): Opened {
  const changes = new EventEmitter();
  const errors: unknown[] = [];
  const stopped: unknown[] = [];
  const nothing = (): void => undefined;
  const model: PanelModel = {
    state: () => stateOf(transcript),
    onDidChange: (listener) => {
      changes.on('change', listener);
      return { dispose: () => changes.off('change', listener) };
    },
    handlers: {
      send: nothing,
      stop: (one) => void stopped.push(one),
      continue: nothing,
      'new-session': nothing,
      'choose-model': nothing,
      'choose-sandbox': nothing,
      review: nothing,
      fix: nothing,
      copy: nothing,
      'open-link': nothing,
      'open-file': nothing,
      'watch-command': nothing,
      draft: nothing,
    },
    onError: (error) => void errors.push(error),
  };
  const panel = new PanelView(uri('/ext'), model);
  const editor = new EditorView();
  panel.resolveWebviewView(editor as unknown as vscode.WebviewView);
  return {
    panel,
    editor,
    errors,
    stopped,
    change: (delta) => changes.emit('change', delta),
    listeners: () => changes.listenerCount('change'),
  };
}

interface Opened {
  readonly panel: PanelView;
  readonly editor: EditorView;
  readonly errors: unknown[];
  readonly stopped: unknown[];
  readonly change: (delta: PanelDelta | undefined) => void;
  readonly listeners: () => number;
}

const gathered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));

describe("the panel's view", () => {
  it('loads its own folder alone, runs scripts, and no commands or forms', () => {
    const { editor } = open();
    const { localResourceRoots = [], ...options } = editor.webview.options;
    assert.deepEqual(options, { enableScripts: true, enableForms: false, enableCommandUris: false });
    assert.deepEqual(localResourceRoots.map(String), ['test:/ext/dist/webview']);
    assert.match(editor.webview.html, /src="test:\/ext\/dist\/webview\/main\.js"/);
  });

  it('makes a fresh nonce for each page', () => {
    const nonces = [open(), open()].map(({ editor }) => /nonce-([^']+)'/.exec(editor.webview.html)?.[1]);
    assert.equal(new Set(nonces).size, 2);
    assert.ok((nonces[0]?.length ?? 0) >= 32);
  });

  it('says nothing before the page is ready, then all, then what changed', async () => {
    const { editor, change } = open([message('a')]);
    change({ type: 'text-delta', id: 'a', text: 'early' });
    await gathered();
    assert.deepEqual(editor.taken(), []);
    await editor.ready();
    assert.deepEqual(editor.taken(), ['state']);
    change({ type: 'text-delta', id: 'a', text: 'x' });
    await gathered();
    assert.deepEqual(editor.taken(), ['text-delta']);
  });

  it('gathers deltas, joins what streams into one item, and keeps the order', async () => {
    const { editor, change } = open();
    await editor.ready();
    editor.taken();
    for (const text of ['a', 'b', 'c']) change({ type: 'text-delta', id: 'm', text });
    change({ type: 'output-delta', id: 'm', text: 'd' });
    change({ type: 'text-delta', id: 'm', text: 'e' });
    change({ type: 'text-delta', id: 'n', text: 'f' });
    await gathered();
    assert.deepEqual(
      editor.posted.map((one) => ('text' in one ? `${one.type} ${one.id} ${one.text}` : '')),
      ['text-delta m abc', 'output-delta m d', 'text-delta m e', 'text-delta n f'],
    );
  });

  it('is silent while hidden and says all again when shown', async () => {
    const { editor, change } = open();
    await editor.ready();
    change({ type: 'text-delta', id: 'm', text: 'gathered, then hidden' });
    editor.show(false);
    editor.taken();
    change({ type: 'text-delta', id: 'm', text: 'x' });
    await gathered();
    assert.deepEqual(editor.taken(), []);
    editor.show(true);
    assert.deepEqual(editor.taken().at(-1), 'state');
  });

  it('says all again where the model is another one', async () => {
    const { editor, change } = open();
    change(undefined);
    assert.deepEqual(editor.taken(), []);
    await editor.ready();
    change(undefined);
    assert.deepEqual(editor.taken(), ['state', 'state']);
  });

  it('sends a long transcript in pieces that together are all of it, in order', async () => {
    const all = [...Array(900).keys()].map((index) =>
      message(`i${index}`, index % 100 === 0 ? 'x'.repeat(150_000) : 'short'),
    );
    const { editor } = open(all);
    await editor.ready();
    const sent = editor.posted.flatMap((one) => {
      if (one.type === 'state') return [one.state.transcript];
      return one.type === 'items' ? [one.items] : [];
    });
    assert.deepEqual(sent.flat(), all);
    assert.ok(sent.every((items) => items.length <= 200 && JSON.stringify(items).length < 400_000));
    assert.equal(editor.posted[0]?.type, 'state');
  });

  it('puts the cursor into the prompt once the page is there', async () => {
    const { panel, editor } = open();
    panel.focusPrompt();
    assert.deepEqual(editor.taken(), []);
    await editor.ready();
    await gathered();
    assert.deepEqual(editor.taken(), ['state', 'focus-prompt']);
  });

  it('hands messages on, and tells what a wrong one broke', async () => {
    const { editor, stopped, errors } = open();
    editor.events.emit('message', { type: 'stop' });
    editor.events.emit('message', { type: 'apply', paths: ['a'] });
    await eventually(() => Promise.resolve((stopped.length > 0 && errors.length > 0) || undefined), 'both');
    assert.deepEqual(stopped, [{ type: 'stop' }]);
    assert.equal(errors.length, 1);
  });

  it('lets go of its model', () => {
    const { panel, listeners } = open();
    assert.equal(listeners(), 1);
    panel.dispose();
    assert.equal(listeners(), 0);
  });
});
