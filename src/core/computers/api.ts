import type { SessionId } from '../../shared/ids.ts';
import type { SessionSummary } from '../../shared/view.ts';
import type { Gesture } from '../gesture.ts';
import type { Problem } from '../problem.ts';
import type { Foreign, Provider } from '../sandbox.ts';

/** Who works with a computer, as far as this machine knows. */
export type Owner =
  | { readonly kind: 'session'; readonly session: SessionSummary }
  /** It was asked for from here, by a session that is no more. */
  | { readonly kind: 'leftover' }
  /** It was asked for from here, by a session whose record is damaged or newer than this Airlock. */
  | { readonly kind: 'unreadable' }
  /** It is as young as one that was asked for from here and is not answered yet. */
  | { readonly kind: 'maybe-ours' };

/** One computer or sandbox that a kind of sandbox lists, whosever it is. */
export interface Computer extends Foreign {
  readonly provider: Provider;
  /** The same in every listing, and no other computer's. */
  readonly key: string;
  /** Absent: nobody here, such as another machine of the same person. */
  readonly owner?: Owner;
}

/** All computers, and the kinds that could not be asked. */
export interface Listing {
  readonly computers: readonly Computer[];
  readonly failed: readonly { readonly provider: Provider; readonly problem: Problem }[];
}

/** A look into a computer by somebody who may attach to it. */
export interface Visit {
  /** Names of the workspace folders inside, those first that fit best to the folder that was asked for. */
  readonly folders: readonly string[];
  /**
   * For who does not attach after all: stops the computer where the look has started it and nobody works with it by now.
   * Throws where that is not confirmed.
   */
  leave(): Promise<void>;
}

/** What every kind of sandbox has running or kept: for showing, never for sweeping. */
export interface Computers {
  list(signal: AbortSignal): Promise<Listing>;
  /** Who works now with a computer that this kind listed before; `except` counts as nobody. */
  owner(provider: Provider, computer: Foreign, except?: SessionId): Promise<Owner | undefined>;
  /**
   * Looks which workspace folders are inside, for a local folder of that name. Starts the computer where it is stopped.
   * Throws `unsupported` where it cannot be attached to, `aborted` when the signal does; what was started by then is
   * stopped again.
   */
  visit(computer: Computer, name: string, signal: AbortSignal): Promise<Visit>;
  /**
   * Deletes one that no session of this machine works with, whoever made it. The gesture is for `delete-computer` of
   * `computerSubject`. Throws `bad-input` where a session works with it.
   */
  delete(computer: Computer, gesture: Gesture, signal: AbortSignal): Promise<void>;
}
