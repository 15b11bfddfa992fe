import type { AgentRunner } from '../agent.ts';
import type { Owner } from '../computers/api.ts';
import type { Forwarding } from '../ports/forwarding.ts';
import type { Foreign, Provider } from '../sandbox.ts';
import type { Ledger, LocalFolder } from '../storage.ts';
import type { RecordKeeper } from './recordKeeper.ts';
import type { Recorder } from './recorder.ts';
import type { Review } from './review.ts';
import type { SessionNetwork } from './sessionNetwork.ts';
import type { Tidy } from './tidy.ts';
import type { WorkspaceSync } from './workspaceSync.ts';

/** The parts that one owned session is made of. */
export interface SessionParts {
  readonly keeper: RecordKeeper;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly provider: Provider;
  readonly agent: AgentRunner;
  readonly folder: LocalFolder | undefined;
  readonly sync: WorkspaceSync;
  readonly review: Review;
  readonly tidy: Tidy;
  readonly forwarding: Forwarding;
  readonly network: SessionNetwork;
  readonly log: (line: string) => void;
  /** Who else works now with a computer of this kind. */
  ownerOf(computer: Foreign): Promise<Owner | undefined>;
  /** Closes the blob store and releases the owner lease. */
  release(): Promise<void>;
  /** Removes every file of the session. */
  removeFiles(): Promise<void>;
}
