import type { Conversation } from './conversation.ts';

/** One change of files, in the terms of the agents SDK. */
export type PatchOperation =
  | { readonly type: 'create_file' | 'update_file'; readonly path: string; readonly diff: string }
  | { readonly type: 'delete_file'; readonly path: string };

/** A tool call of the model. A string as arguments goes out as it is, valid JSON or not. */
export type ModelCall =
  | { readonly name: string; readonly arguments: string | Readonly<Record<string, unknown>> }
  | { readonly patch: PatchOperation };

/** How a request is made to go wrong. */
export interface Fault {
  /** Answer with this instead; a redirect names its `location` in the headers. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: string;
  readonly message?: string;
  /** Cut the connection after so many events of the stream; 0 before any. */
  readonly dropAfter?: number;
}

/** One answer of the scripted model. */
export interface ModelStep {
  readonly reasoning?: string;
  readonly text?: string;
  readonly calls?: readonly ModelCall[];
  /** Milliseconds before the first byte. */
  readonly delayMs?: number;
  /** Milliseconds between two pieces of text. */
  readonly pieceDelayMs?: number;
  readonly fault?: Fault;
}

/**
 * Decides the next answer from the conversation alone, so that a repeated request gets the same answer. `attempt` counts
 * the requests with this very conversation, from 0: for what fails at first and then works.
 */
export type ModelScript = (conversation: Conversation, attempt: number) => ModelStep;

/** Answers by rounds: the first step after each message of the user, then one per round of results; the last one stays. */
export function rounds(...steps: readonly ModelStep[]): ModelScript {
  return ({ round }) => steps[Math.min(round, steps.length - 1)] ?? { text: 'Done.' };
}

/** A shell command as the model asks for it. */
export function shellCall(cmd: string, more: Readonly<Record<string, unknown>> = {}): ModelCall {
  return { name: 'exec_command', arguments: { cmd, ...more } };
}
