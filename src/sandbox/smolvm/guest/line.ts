import { problemOf } from '../../../core/problem.ts';
import { Kept } from '../../common/kept.ts';
import { Mux } from '../../relay/mux/mux.ts';
import { type Endpoint, SshConnection } from './connection.ts';
import type { HostKeys } from './hostKeys.ts';
import { wireOver } from './wire.ts';

/** What the way into one microVM is made from. */
export interface LineParts {
  readonly name: string;
  readonly hostKeys: HostKeys;
  /** Where its SSH server is now. Throws where there is none. */
  endpoint(signal: AbortSignal): Promise<Endpoint>;
  /** Its host key in base64, where the program tells it. */
  hostKey(): Promise<string | undefined>;
  /** The words that start our program inside. */
  relay(): readonly string[];
  /** Called when a connection that stood is lost. */
  lost(): void;
  log(line: string): void;
}

/** The one SSH connection to a microVM and the mux on it: opened at the first need, and again after it dropped. */
export class Line {
  readonly #parts: LineParts;
  readonly #connection: Kept<SshConnection>;
  readonly #mux: Kept<Mux>;
  #closed = 0;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#connection = new Kept(
      (signal) => this.#connect(signal),
      (connection) => connection.close(),
    );
    this.#mux = new Kept(
      (signal) => this.#openMux(signal),
      (mux) => mux.close(),
    );
  }

  /** Throws what keeps it from being opened. */
  connection(): Promise<SshConnection> {
    return this.#connection.get();
  }

  mux(): Promise<Mux> {
    return this.#mux.get();
  }

  /** Whether it stands. */
  async stands(): Promise<boolean> {
    return (await this.#connection.warm()) !== undefined;
  }

  /** Drops what there is; a later need opens it anew. */
  close(): void {
    this.#closed += 1;
    this.#mux.drop();
    this.#connection.drop();
  }

  async #connect(signal: AbortSignal): Promise<SshConnection> {
    const { name, hostKeys } = this.#parts;
    const round = this.#closed;
    const endpoint = await this.#parts.endpoint(signal);
    const trusts = hostKeys.trusts(name, () => this.#parts.hostKey());
    const connection = await SshConnection.open(endpoint, trusts, signal);
    this.#parts.log(`connected to ${name} by SSH on port ${endpoint.port}`);
    void connection.over.then(() => {
      if (round !== this.#closed) return;
      this.#parts.log(`the SSH connection to ${name} was lost`);
      this.#parts.lost();
    });
    return connection;
  }

  async #openMux(signal: AbortSignal): Promise<Mux> {
    const connection = await this.#connection.get();
    try {
      return await Mux.open(wireOver(connection, this.#parts.relay()), signal);
    } catch (error) {
      this.#parts.log(`our program inside ${this.#parts.name} does not answer (${problemOf(error, 'unreachable').id})`);
      throw error;
    }
  }
}
