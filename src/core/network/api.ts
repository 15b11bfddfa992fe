import type { Gesture } from '../gesture.ts';
import type { Problem } from '../problem.ts';
import type { AllowedHost, Lasts } from './allowed.ts';
import type { Connection } from './connections.ts';
import type { HostRule } from './hostRule.ts';

/** The network of one session, as it is shown. */
export interface NetworkView {
  /** What the running sandbox can enforce; `unknown` while none runs. */
  readonly egress: 'none' | 'allow-list' | 'open' | 'unknown';
  /** Programs in it reach what listens on this machine's loopback, whatever else they may reach. */
  readonly reachesHere?: boolean;
  readonly allowed: readonly AllowedHost[];
  /** The last ones, newest first. */
  readonly connections: readonly Connection[];
  /** Why nothing gets out although hosts are allowed. */
  readonly problem?: Problem;
}

/** A session's network. Allowing takes a person's gesture; taking back never does. */
export interface Network {
  view(): NetworkView;
  /**
   * Lets programs inside reach these hosts, at once and until the session ends. The gesture is for `allow-host` of
   * `hostsSubject`. Throws `unsupported` where the sandbox cannot keep to a list.
   */
  allow(rules: readonly HostRule[], lasts: Lasts, gesture: Gesture): Promise<void>;
  /** Takes hosts back by their rules' texts, at once; their open connections end. */
  revoke(texts: readonly string[]): Promise<void>;
}
