import type { FromPanel, ToPanel } from '../shared/protocol.ts';

/** What the page keeps over a reload of itself. */
export interface Kept {
  readonly draft: string;
}

/** The editor's side of a webview, as `acquireVsCodeApi` hands it out once. */
export interface EditorApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: Kept): void;
}

/** Says what the person wants; nothing said here crosses the sandbox's border by itself. */
export type Post = (message: FromPanel) => void;

const types: ReadonlySet<string> = new Set<ToPanel['type']>([
  'state',
  'status',
  'items',
  'text-delta',
  'output-delta',
  'focus-prompt',
]);

/**
 * Listens to the extension. Its messages come from the frame around this one, which has this page's origin; the
 * extension checked their shape, so only the type is read here.
 */
export function listen(receive: (message: ToPanel) => void): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.origin === window.origin && isToPanel(event.data)) receive(event.data);
  });
}

function isToPanel(data: unknown): data is ToPanel {
  return typeof data === 'object' && data !== null && 'type' in data && types.has(String(data.type));
}

/** The draft that an earlier life of the page left, if any. */
export function keptDraft(state: unknown): string | undefined {
  const draft = typeof state === 'object' && state !== null && 'draft' in state ? state.draft : undefined;
  return typeof draft === 'string' ? draft : undefined;
}
