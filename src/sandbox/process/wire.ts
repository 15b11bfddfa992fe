/**
 * What the provider, the keeper and the supervisor say to each other. Both programs may be of another version than the
 * extension that meets them, so every first message carries `v`.
 */

/** Version of everything here but the keeper's `hello`, `status` and `stop`, which never change. */
export const protocolVersion = 1;

/** Kinds of frame on a supervisor connection, after the first JSON line. */
export const frame = { out: 1, err: 2, event: 3, input: 4, inputEnd: 5, control: 6 } as const;

const headerBytes = 5;
/** Longest payload of one frame. */
export const maxFrameBytes = 1024 * 1024;
/** Longest payload of a frame that carries JSON. */
const maxJsonBytes = 256 * 1024;
/** Longest first line: arguments and environment of a command. */
export const maxLineBytes = 4 * 1024 * 1024;

/** The first line of a connection to the supervisor. One connection serves one request. */
export type Request =
  | { v: number; kind: 'ping' }
  | ({ v: number; kind: 'exec' } & ExecLine)
  | { v: number; kind: 'attach'; op: string }
  | ({ v: number; kind: 'terminal' } & TerminalLine)
  | { v: number; kind: 'join'; op: string }
  | { v: number; kind: 'terminals' }
  | { v: number; kind: 'dial'; port: number }
  /** The network is on while such a connection is open; answered by `started` once programs can ask. */
  | { v: number; kind: 'network' }
  /** Waits for a program inside that wants out; `connected`, then its raw bytes, once there is one. */
  | { v: number; kind: 'way-out' }
  | { v: number; kind: 'listeners' };

export interface ExecLine {
  readonly op: string;
  readonly run: { readonly argv: readonly string[] } | { readonly shell: string; readonly login: boolean };
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: boolean;
  readonly deadlineMs?: number;
  readonly onLinkLoss: 'kill' | 'keep';
}

export interface TerminalLine {
  readonly op: string;
  readonly argv?: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  /** Absent: kill. */
  readonly onLinkLoss?: 'kill' | 'keep';
}

/** What the supervisor tells in frames of kind `event`. */
export type Event =
  | { event: 'pong'; v: number }
  | { event: 'started'; missed?: number }
  | { event: 'refused'; code: string; message: string }
  | { event: 'exited'; code: number }
  | { event: 'signaled'; signal: string }
  | { event: 'stopped'; by: 'abort' | 'deadline'; killed: 'tree' | 'group' }
  | { event: 'terminals'; list: readonly string[] }
  | { event: 'connected' }
  | { event: 'listeners'; list: readonly { port: number; address: string; program?: string }[] };

/** What a client tells in frames of kind `control`. */
export type Control =
  { do: 'abort' } | { do: 'signal'; signal: 'INT' | 'TERM' | 'KILL' } | { do: 'resize'; cols: number; rows: number };

/** What the keeper starts its sandbox with; the supervisor refuses to serve unless all of it is in force. */
export interface Limits {
  readonly memoryMb: number;
  readonly maxProcesses: number;
  readonly maxFileMb: number;
  readonly maxOpenFiles: number;
}

/** Written by the provider to the keeper's standard input, once. */
export interface KeeperConfig {
  readonly v: number;
  readonly incarnation: string;
  /** Program, options, command and filter of the sandbox. `args` go through a descriptor where `argsFd` is set. */
  readonly program: string;
  readonly args: readonly string[];
  readonly command: readonly string[];
  readonly argsFd: boolean;
  readonly seccomp?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Where the supervisor listens as the host sees it, and where that socket is moved to before anything runs. */
  readonly born: string;
  readonly moved: string;
  /** Where the keeper itself listens. */
  readonly socket: string;
  /** A file that the keeper renames to `taken` before it starts anything: whoever removed it first withdrew the order. */
  readonly ticket: string;
  readonly taken: string;
  /** Name under which the sandbox program runs: where its keeper dies too early, it is found by that. */
  readonly mark: string;
  readonly keepAliveMs: number;
  readonly memoryMb: number;
}

/** The part of a keeper's configuration that says how the sandbox is started. */
export type Composed = Pick<KeeperConfig, 'program' | 'args' | 'command' | 'argsFd' | 'seccomp' | 'env'>;

/** What clients may ask of the keeper. These three and their answers' fields never change, only grow. */
export type KeeperRequest = { v: number; verb: 'hello' | 'status' | 'stop' };

export type KeeperReply =
  | { v: number; reply: 'hello' | 'status'; incarnation: string; supervisor: string; clients: number; child: number }
  | { v: number; reply: 'stopped'; verified: boolean }
  | { v: number; reply: 'ended'; why: string }
  | { v: number; reply: 'refused'; why: string };

/** One line on the keeper's standard output, after which it writes there no more. */
export type KeeperReady = { ready: true; child: number; childStart: string } | { ready: false; why: string };

/** A message as one line. */
export function line(message: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}

/** The header that goes before `length` bytes of a frame. */
export function frameHeader(kind: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(length, 1);
  return header;
}

/** A whole frame that carries JSON. */
export function jsonFrame(kind: number, message: Event | Control): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([frameHeader(kind, body.length), body]);
}

/** Cuts the first line off a stream. Answers undefined until the line is whole. Throws where it is too long. */
export class LineReader {
  #parts: Uint8Array[] = [];
  #size = 0;
  readonly #limit: number;

  constructor(limit = maxLineBytes) {
    this.#limit = limit;
  }

  push(chunk: Uint8Array): { line: string; rest: Uint8Array } | undefined {
    const end = chunk.indexOf(10);
    const piece = end < 0 ? chunk : chunk.subarray(0, end);
    this.#size += piece.length;
    if (this.#size > this.#limit) throw new Error('The first line is too long.');
    this.#parts.push(piece);
    if (end < 0) return undefined;
    const text = Buffer.concat(this.#parts).toString();
    this.#parts = [];
    this.#size = 0;
    return { line: text, rest: chunk.subarray(end + 1) };
  }
}

/** Where a {@link FrameReader} puts what it finds. */
export interface FrameSink {
  /** Bytes of a data frame, in the pieces in which they came. */
  data(kind: number, bytes: Uint8Array): void;
  /** The parsed body of a JSON frame. */
  json(kind: number, message: unknown): void;
}

/**
 * Takes frames apart as bytes arrive, without joining what need not be joined. Throws on what no honest sender writes:
 * an unknown kind, an oversized frame, a body that is not JSON.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  #kind = 0;
  #left = 0;
  #json: Uint8Array[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#left === 0 ? this.#takeHeader(rest) : this.#takeBody(rest);
  }

  #takeHeader(chunk: Uint8Array): Uint8Array {
    const taken = Math.min(headerBytes - this.#headerFilled, chunk.length);
    this.#header.set(chunk.subarray(0, taken), this.#headerFilled);
    this.#headerFilled += taken;
    if (this.#headerFilled === headerBytes) {
      this.#headerFilled = 0;
      this.#begin(this.#header.readUInt8(0), this.#header.readUInt32BE(1));
    }
    return chunk.subarray(taken);
  }

  #begin(kind: number, length: number): void {
    if (kind < frame.out || kind > frame.control) throw new Error('Unknown kind of frame.');
    if (length > (carriesJson(kind) ? maxJsonBytes : maxFrameBytes)) throw new Error('Frame too long.');
    this.#kind = kind;
    this.#left = length;
    if (length === 0) this.#sink.data(kind, new Uint8Array());
  }

  #takeBody(chunk: Uint8Array): Uint8Array {
    const piece = chunk.subarray(0, this.#left);
    this.#left -= piece.length;
    if (!carriesJson(this.#kind)) {
      this.#sink.data(this.#kind, piece);
    } else {
      this.#json.push(piece);
      if (this.#left === 0) {
        const body = Buffer.concat(this.#json).toString();
        this.#json = [];
        this.#sink.json(this.#kind, JSON.parse(body) as unknown);
      }
    }
    return chunk.subarray(piece.length);
  }
}

function carriesJson(kind: number): boolean {
  return kind === frame.event || kind === frame.control;
}
