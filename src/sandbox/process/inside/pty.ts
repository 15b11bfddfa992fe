import type { Marks } from './marks.ts';

/** A pseudo-terminal with a program in it. */
export interface Pty {
  readonly pid: number;
  /** False where the terminal cannot take more now; see {@link onceWritable}. */
  write(bytes: Uint8Array): boolean;
  /** Calls back once it can take more, or has ended. */
  onceWritable(go: () => void): void;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** The person has gone: what a closed terminal window does. */
  hangUp(): void;
  onData(take: (bytes: Uint8Array) => void): void;
  /** Called after the last data, however late that was taken. */
  onExit(take: (code: number) => void): void;
}

/** What to open. */
export interface PtyRequest {
  readonly op: string;
  readonly argv?: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
}

/** What a terminal is made with. */
export interface PtyParts {
  readonly marks: Marks;
  readonly scratch: string;
  readonly nodePty?: string;
}

/** An open pseudo-terminal and the mark that its processes carry, where marks work. */
export interface Opened {
  readonly pty: Pty;
  readonly mark: number | undefined;
}
