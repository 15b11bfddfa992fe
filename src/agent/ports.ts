import {
  type ExposedPortEndpoint,
  normalizeExposedPort,
  recordExposedPortEndpoint,
  SandboxExposedPortUnavailableError,
} from '@openai/agents-core/sandbox';
import type { Sandbox } from '../core/sandbox.ts';
import type { AirlockSessionState } from './state.ts';

/** A listener on this machine's loopback that leads to a port inside. */
export interface PortForward {
  readonly host: string;
  readonly port: number;
  /** What has to follow `?` in an address for the listener to let a caller in, if it asks for that. */
  readonly query?: string;
  close(): Promise<void>;
}

export type ForwardPort = (sandbox: Sandbox, port: number) => Promise<PortForward>;

/** The ports of one session that are reachable from this machine. */
export class ExposedPorts {
  readonly #sandbox: Sandbox;
  readonly #forward: ForwardPort | undefined;
  readonly #open = new Map<number, Promise<PortForward>>();

  constructor(sandbox: Sandbox, forward: ForwardPort | undefined) {
    this.#sandbox = sandbox;
    this.#forward = forward;
  }

  /** Opens a forward at the first call for a port; later calls answer with the same. */
  async resolve(state: AirlockSessionState, wanted: number): Promise<ExposedPortEndpoint> {
    const port = normalizeExposedPort(wanted);
    const { host, port: local, query } = await this.#opened(port);
    const endpoint = { host, port: local, tls: false, ...(query === undefined ? {} : { query }) };
    return recordExposedPortEndpoint(state, endpoint, port);
  }

  /** Closes every forward. */
  async stopAll(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(all.map(async (forward) => (await forward).close()));
  }

  #opened(port: number): Promise<PortForward> {
    const forward = this.#forward;
    if (forward === undefined) {
      throw new SandboxExposedPortUnavailableError('This session has no way to reach a port inside.', { port });
    }
    const known = this.#open.get(port);
    if (known !== undefined) return known;
    const opening = forward(this.#sandbox, port);
    this.#open.set(port, opening);
    opening.catch(() => this.#open.delete(port));
    return opening;
  }
}
