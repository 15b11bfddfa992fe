import { commands } from 'vscode';
import { contextDefaults, type ContextKey } from './ids.ts';

/** Sets context keys, each only when its value differs from the last one. */
export class ContextKeys {
  readonly #values = new Map<ContextKey, string | boolean>();

  constructor() {
    for (const [key, value] of Object.entries(contextDefaults)) this.set(key as ContextKey, value);
  }

  set(key: ContextKey, value: string | boolean): void {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    void commands.executeCommand('setContext', key, value);
  }
}
