import type { FromPanel, ToPanel } from '../../shared/protocol.ts';
import type { PanelState } from '../../shared/view.ts';

/** What changed since the last full state: every message to the page but the state itself. */
export type PanelDelta = Exclude<ToPanel, { type: 'state' }>;

/** One handler for each thing the page can ask for; `ready` is the panel's own. A missing handler does not compile. */
export type PanelHandlers = {
  readonly [Type in Exclude<FromPanel['type'], 'ready'>]: (
    message: Extract<FromPanel, { type: Type }>,
  ) => void | Promise<void>;
};

/** What the panel shows and what its buttons do. */
export interface PanelModel {
  /** The full state now; asked for each time the page appears. */
  state(): PanelState;
  /** Deltas in order; `undefined` says that the whole state is another one, such as another session's. */
  onDidChange(listener: (delta: PanelDelta | undefined) => void): { dispose(): void };
  readonly handlers: PanelHandlers;
  /** Told what a message broke: a handler's error, or a message that is not of the protocol. */
  onError(error: unknown): void;
}
