import type { Machine } from '../../core/machine.ts';
import type { HostKeys } from './guest/hostKeys.ts';
import type { Found, OpenTerminal, Program } from './program/index.ts';
import type { Records } from './records.ts';

/** What the provider is made from. */
export interface SmolVmProviderParts {
  readonly machine: Machine;
  /** Absolute folder for the driver's notes and host keys. They hold no secret. */
  readonly storage: string;
  /** The program's absolute path where it is set, read at each use so that a changed setting counts. */
  path?(): string | undefined;
  /**
   * The setting `airlock.smolvm.backend`, read at each use; absent where it is `auto`, or where an existing microVM is to be
   * used, which has its own.
   */
  backend?(): string | undefined;
  /** The home folder that the program sees. Default: this user's. */
  home?(found: Found): string;
  /** Reads a variable of this machine's environment, by which the program's state may be moved. */
  variable?(name: string): string | undefined;
  /** Opens a terminal with a command that installs or examines the program. Absent where nobody can be shown one. */
  readonly openTerminal?: OpenTerminal;
  log(line: string): void;
}

/** What a sandbox stands on. */
export interface Ground {
  readonly program: Program;
  readonly records: Records;
  readonly hostKeys: HostKeys;
  log(line: string): void;
}
