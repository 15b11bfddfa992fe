import type { OpId, TurnId } from '../shared/ids.ts';
import type { GuestPath } from './paths.ts';
import type { Problem } from './problem.ts';
import type { Outcome, Sandbox } from './sandbox.ts';
import type { ModelChoice } from './session/events.ts';

/** Everything that one turn of the agent needs. Keys live only here and in the request to the endpoint. */
export interface TurnRequest {
  readonly turn: TurnId;
  readonly sandbox: Sandbox;
  /** The workspace folder inside. */
  readonly root: GuestPath;
  readonly prompt: string;
  /** Conversation so far, as earlier turns handed it to {@link TurnObserver.items}. */
  readonly history: readonly unknown[];
  readonly model: ModelChoice;
  readonly apiKey: string;
  /** Text of the workspace's AGENTS.md, where there is one. */
  readonly guidance?: string;
  readonly maxTurns: number;
  /** Stops the turn: the running command is killed with its tree and the killing is confirmed. */
  readonly signal: AbortSignal;
}

/** Hears what happens in a turn, in order. A method that returns a promise is awaited before things go on. */
export interface TurnObserver {
  textDelta(delta: string): void;
  /** A whole assistant message; replaces the deltas since the last one. */
  message(text: string): void;
  reasoningDelta(delta: string): void;
  /** Awaited before a byte of the command leaves: the caller logs the operation id durably. */
  commandIntended(op: OpId, command: string, cwd: string): Promise<void>;
  commandOutput(op: OpId, fd: 1 | 2, bytes: Uint8Array): void;
  commandEnded(op: OpId, outcome: Outcome): void;
  /** The command outlived its wait and goes on in the background. */
  commandYielded(op: OpId): void;
  edited(edit: EditReport): void;
  items(items: readonly unknown[]): void;
}

export interface EditReport {
  readonly kind: 'create' | 'update' | 'delete' | 'view-image';
  readonly path: string;
  readonly ok: boolean;
  readonly detail?: string;
  /** The patch as the model wrote it. */
  readonly diff?: string;
}

export type TurnEnd =
  | { how: 'done'; usage?: { inputTokens: number; outputTokens: number } }
  | { how: 'stopped' }
  | { how: 'failed'; problem: Problem };

/** Runs turns of an agent against a sandbox. Never rejects. */
export interface AgentRunner {
  run(request: TurnRequest, observer: TurnObserver): Promise<TurnEnd>;
}
