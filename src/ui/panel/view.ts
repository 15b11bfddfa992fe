import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';
import type { ToPanel } from '../../shared/protocol.ts';
import { stateMessages } from './chunks.ts';
import { dispatch } from './dispatch.ts';
import { panelHtml } from './html.ts';
import type { PanelModel } from './model.ts';
import { Outbox } from './outbox.ts';

/**
 * The panel's webview. The page says `ready` whenever it is made, gets the full state, then deltas; while it is hidden
 * it does not exist, so nothing is sent, and it gets the full state again when it is shown.
 */
export class PanelView implements vscode.WebviewViewProvider, vscode.Disposable {
  /** Id of the view in the manifest. */
  static readonly id = 'airlock.panel';

  readonly #extensionUri: vscode.Uri;
  readonly #model: PanelModel;
  readonly #subscription: { dispose(): void };
  readonly #outbox = new Outbox((message) => this.#post(message));
  #view: vscode.WebviewView | undefined;
  #listening = false;
  #focusWanted = false;

  constructor(extensionUri: vscode.Uri, model: PanelModel) {
    this.#extensionUri = extensionUri;
    this.#model = model;
    this.#subscription = model.onDidChange((delta) => {
      if (delta === undefined) this.#sendState();
      else if (this.#listening) this.#outbox.add(delta);
    });
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const folder = at(this.#extensionUri, 'dist/webview');
    const { webview } = view;
    this.#view = view;
    this.#listening = false;
    webview.options = {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [folder],
    };
    webview.onDidReceiveMessage((raw: unknown) => this.#receive(raw));
    view.onDidChangeVisibility(() => {
      this.#listening = false;
      this.#outbox.clear();
      if (view.visible) this.#sendStateNow();
    });
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
      this.#listening = false;
    });
    webview.html = panelHtml({
      source: webview.cspSource,
      nonce: randomBytes(24).toString('base64'),
      script: webview.asWebviewUri(at(folder, 'main.js')).toString(),
      styles: ['codicon.css', 'main.css'].map((name) => webview.asWebviewUri(at(folder, name)).toString()),
    });
  }

  /** Puts the cursor into the prompt box, now or once the page is there. The caller reveals the view. */
  focusPrompt(): void {
    this.#focusWanted = !this.#listening;
    if (this.#listening) this.#outbox.add({ type: 'focus-prompt' });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#outbox.clear();
    this.#view = undefined;
  }

  #receive(raw: unknown): void {
    const ready = (): void => {
      this.#sendStateNow();
      if (this.#focusWanted) this.focusPrompt();
    };
    dispatch(raw, { ...this.#model.handlers, ready }).catch((error: unknown) => this.#model.onError(error));
  }

  #sendState(): void {
    if (this.#listening) this.#sendStateNow();
  }

  #sendStateNow(): void {
    this.#listening = true;
    this.#outbox.clear();
    for (const message of stateMessages(this.#model.state())) this.#post(message);
  }

  #post(message: ToPanel): void {
    // False only says that the page is gone: the next one asks for the full state.
    void this.#view?.webview.postMessage(message);
  }
}

function at(folder: vscode.Uri, path: string): vscode.Uri {
  return folder.with({ path: `${folder.path.replace(/\/$/, '')}/${path}` });
}
