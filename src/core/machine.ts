import type { Pipe } from './sandbox.ts';

/** How a host program is started. Arguments never pass through a shell. */
export interface SpawnRequest {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Variables of this machine's environment that the program may see besides PATH, HOME, LANG and TMPDIR. */
  readonly passEnv?: readonly string[];
  /** Variables set for the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** Start with exactly `env` and nothing of this machine's environment. */
  readonly cleanEnv?: boolean;
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Extra descriptors from 3 on: bytes that the program reads there, or `'pipe'` to read what it writes there. */
  readonly fds?: readonly (Uint8Array | 'pipe')[];
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Most bytes of each output stream that `run` keeps; more ends the program. Default 16 MiB. */
  readonly maxOutputBytes?: number;
  /** Own process group and life of its own: it outlives this process. */
  readonly detached?: boolean;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Ran {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Why it ended, where that was us. */
  readonly endedBy?: 'abort' | 'timeout' | 'output-limit' | 'spawn-error';
}

/** A started program. */
export interface Child {
  readonly pid: number;
  readonly stdio: Pipe;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** The read sides of `fds` that were `'pipe'`, by descriptor number. */
  readonly pipes: ReadonlyMap<number, AsyncIterable<Uint8Array>>;
  readonly exited: Promise<{ code: number | undefined; signal: string | undefined }>;
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): void;
}

/** The one door through which programs of this machine are started. */
export interface Machine {
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  /** True when this process is the superuser. */
  readonly isRoot: boolean;
  /** Runs to the end. Never rejects: failures are in the answer. */
  run(request: SpawnRequest): Promise<Ran>;
  /** Starts and hands over the streams. Throws `not-started` where it cannot be started. */
  start(request: SpawnRequest): Promise<Child>;
  /** Absolute path of a program in the system's own PATH folders (never the workspace), if there is one. */
  find(name: string): Promise<string | undefined>;
  /** A runtime that runs JavaScript: the editor's own, with the variables it needs for that. */
  readonly runtime: { readonly program: string; readonly env: Readonly<Record<string, string>> };
}
