import { EventEmitter, Uri, window, workspace, type Disposable, type TextDocumentContentProvider } from 'vscode';
import { uploadScheme } from '../ids.ts';

/** Read-only documents that list what an upload sends, one per folder name. */
export class UploadLists implements TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;

  register(): Disposable {
    return workspace.registerTextDocumentContentProvider(uploadScheme, this);
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.path) ?? '';
  }

  /** Opens the list beside what is open; the same folder's list is replaced. */
  async show(folder: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme: uploadScheme, path: `/Upload of ${folder}` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }
}
