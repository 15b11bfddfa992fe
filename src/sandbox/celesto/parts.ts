import type { Dispatcher } from 'undici';
import type { Problem } from '../../core/problem.ts';
import type { NetworkSettings } from '../common/networkSettings.ts';
import type { Api } from './api/client.ts';
import type { Records } from './records.ts';

/** Where API keys come from and go to. A key is given for one origin and never for another. */
export interface KeyStore {
  /** The key for that origin, with where it comes from in a few words, such as `the variable CELESTO_API_KEY`. */
  read(origin: string): Promise<{ readonly value: string; readonly from?: string } | undefined>;
  /**
   * Asks a person for a key and keeps it. `check` tries one with the service and answers why it is of no use. Absent
   * where nobody can be asked.
   */
  ask?(origin: string, check: (key: string) => Promise<Problem | undefined>, signal: AbortSignal): Promise<void>;
  /** Forgets the key of that origin. Absent where none is kept. */
  forget?(origin: string): Promise<void>;
}

/** What the provider is made from. */
export interface CelestoProviderParts {
  /** With or without `/v1`; default: the hosted service. Read at each use, so that a changed setting counts. */
  baseUrl?(): string | undefined;
  readonly keys: KeyStore;
  /** Carries HTTP and WebSockets. Absent: one that is made as `network` says, or a plain one. */
  readonly dispatcher?: Dispatcher;
  /** Proxy and certificates as the editor has them, read at each request. */
  readonly network?: () => NetworkSettings;
  /** Absolute folder for the driver's notes. They hold no secret. */
  readonly storage: string;
  log(line: string): void;
}

/** What a sandbox stands on. */
export interface Ground {
  readonly api: Api;
  readonly dispatcher: Dispatcher;
  readonly records: Records;
  log(line: string): void;
}
