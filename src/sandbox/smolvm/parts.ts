import type { Machine } from '../../core/machine.ts';
import type { HostKeys } from './guest/hostKeys.ts';
import type { Records } from './records.ts';

/** What the provider is made from. */
export interface SmolVmProviderParts {
  readonly machine: Machine;
  /** Absolute folder for the driver's notes and host keys. They hold no secret. */
  readonly storage: string;
  /** The program's path where it is set, read at each use so that a changed setting counts. */
  path?(): string | undefined;
  log(line: string): void;
}

/** What a sandbox stands on. */
export interface Ground {
  readonly records: Records;
  readonly hostKeys: HostKeys;
  log(line: string): void;
}
