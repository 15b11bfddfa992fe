import { fail } from '../../../core/problem.ts';

/** How a command ended, as the program inside tells it. */
export type LogEnd =
  | { kind: 'exited'; code: number }
  | { kind: 'signaled'; signal: string }
  | { kind: 'refused'; why: string }
  | { kind: 'stopped'; by: 'abort' | 'deadline'; verified: boolean }
  | { kind: 'void' };

export type LogRecord =
  | { kind: 'started' }
  | { kind: 'output'; fd: 1 | 2; bytes: Uint8Array }
  | { kind: 'input'; taken: number; closed: boolean }
  | { kind: 'ended'; end: LogEnd };

/** Names of signals by their numbers on Linux (signal(7)). */
const signals = [
  ...['SIG0', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGUSR1'],
  ...['SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT', 'SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP'],
  ...['SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR'],
  'SIGSYS',
];

const headBytes = 5;
const mostRecord = 1_048_576;

/**
 * Reads a job's log, which may come in pieces of any length, twice, and from any way. Records are given once and whole.
 * Nothing in it is believed: lengths are bounded, words are parsed. Throws `protocol`.
 */
export class LogReader {
  readonly #give: (record: LogRecord, end: number) => void;
  #expected: number | undefined;
  #start = 0;
  #held: Uint8Array = new Uint8Array(0);
  readonly #mayMiss: boolean;

  /** `mayMiss`: a part that is no longer kept is passed over, as of what a terminal showed. */
  constructor(give: (record: LogRecord, end: number) => void, { mayMiss = false } = {}) {
    this.#give = give;
    this.#mayMiss = mayMiss;
  }

  /** The offset of the next byte that is wanted, or -1 for the earliest that is kept. */
  get wanted(): number {
    return this.#expected ?? -1;
  }

  /** From here on the log begins at `offset`. */
  beginAt(offset: number): void {
    const misses = this.#expected !== undefined && offset > this.#expected;
    if (misses && !this.#mayMiss) lostPart();
    if (this.#expected !== undefined && !misses) return;
    this.#held = new Uint8Array(0);
    this.#expected = offset;
    this.#start = offset;
  }

  /** Only the end is left of the log: what was begun of a record will not be completed. */
  endAlone(): void {
    this.#held = new Uint8Array(0);
    this.#expected ??= 0;
    this.#start = this.#expected;
  }

  take(offset: number, bytes: Uint8Array): void {
    this.beginAt(offset);
    const skip = (this.#expected ?? 0) - offset;
    if (skip >= bytes.length) return;
    const fresh = bytes.subarray(skip);
    this.#expected = (this.#expected ?? 0) + fresh.length;
    this.#held = this.#held.length === 0 ? fresh : Buffer.concat([this.#held, fresh]);
    this.#readRecords();
  }

  #readRecords(): void {
    const held = Buffer.from(this.#held.buffer, this.#held.byteOffset, this.#held.byteLength);
    let at = 0;
    while (held.length - at >= headBytes) {
      const length = held.readUInt32BE(at + 1);
      if (length > mostRecord) unreadable();
      if (held.length - at < headBytes + length) break;
      const body = held.subarray(at + headBytes, at + headBytes + length);
      const record = recordOf(String.fromCharCode(held[at] ?? 0), body);
      at += headBytes + length;
      this.#give(record, this.#start + at);
    }
    this.#start += at;
    this.#held = held.subarray(at);
  }
}

function recordOf(type: string, body: Buffer): LogRecord {
  switch (type) {
    case 'S':
      return { kind: 'started' };
    case 'o':
      return { kind: 'output', fd: 1, bytes: body };
    case 'e':
      return { kind: 'output', fd: 2, bytes: body };
    case 'i': {
      const match = /^(\d{1,15})( closed)?$/.exec(body.toString('latin1'));
      return match === null ? unreadable() : { kind: 'input', taken: Number(match[1]), closed: match[2] !== undefined };
    }
    case 'x':
      return { kind: 'ended', end: endOf(body.toString()) };
    default:
      return unreadable();
  }
}

function endOf(text: string): LogEnd {
  const [, code] = /^exited (\d{1,3})$/.exec(text) ?? [];
  if (code !== undefined) return { kind: 'exited', code: Number(code) };
  const [, signal] = /^signaled (\d{1,3})$/.exec(text) ?? [];
  if (signal !== undefined) return { kind: 'signaled', signal: signals[Number(signal)] ?? `SIG${signal}` };
  const [, verified, by] = /^(stopped|unverified) (abort|deadline)( group)?$/.exec(text) ?? [];
  if (by === 'abort' || by === 'deadline') return { kind: 'stopped', by, verified: verified === 'stopped' };
  if (text === 'void') return { kind: 'void' };
  const [, why] = /^refused (.*)$/s.exec(text) ?? [];
  return why === undefined ? unreadable() : { kind: 'refused', why: why.replace(/[^\x20-\x7e]/g, '?').slice(0, 300) };
}

function unreadable(): never {
  return fail('protocol', 'The sandbox tells of a command what cannot be read.', { delivery: 'maybe-sent' });
}

function lostPart(): never {
  return fail('protocol', 'A part of the output of a command was lost.', { delivery: 'maybe-sent' });
}
