import type { SessionId } from '../../shared/ids.ts';
import type { Sandbox } from '../sandbox.ts';

/** A port of a sandbox that is wanted on this machine's loopback. */
export interface ForwardRequest {
  readonly session: SessionId;
  /** The port inside, on the sandbox's own loopback. */
  readonly port: number;
  /** Port to listen on here. Absent: one that is free. */
  readonly localPort?: number;
}

/** A listener on this machine that leads to one port inside, for web pages of the session's person alone. */
export interface Forwarded {
  /** Where it listens on 127.0.0.1. */
  readonly localPort: number;
  /** The name and port that browsers of this machine know it by; every session has a name of its own. */
  readonly authority: string;
  /**
   * An address that opens `path` in one browser, once, within minutes: it gives that browser the right to go on.
   * `origin` is where the browser reaches the listener, such as a tunnel's end; it is answered from then on.
   */
  address(path: string, origin?: string): string;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/** Opens forwards. Rejects with `bad-input` where the wished local port cannot be had. */
export type Forwarding = (sandbox: Pick<Sandbox, 'dial'>, request: ForwardRequest) => Promise<Forwarded>;
