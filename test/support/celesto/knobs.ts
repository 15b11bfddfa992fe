import type { RefusalCode } from './refusals.ts';

/**
 * How a fault shows: a lost request, a lost answer, no answer ever while the connection stays, a cut answer, a stream
 * without its end, or a status.
 */
export type FaultKind =
  | 'drop-before'
  | 'hang-before'
  | 'hang-after'
  | 'drop-after'
  | 'truncate'
  | 'no-exit'
  | 'interrupt'
  | `${number}`
  | `${number}-after`;

/** One fault: hits the n-th request, counted from 1 among those whose `METHOD /path` holds `match`. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: number;
  readonly match?: string;
}

/** How the stream route writes its events. */
export interface StreamStyle {
  /** A blank line after each event; some proxies drop it. */
  blankLines: boolean;
  /** Everything beyond ASCII is escaped. Without it the first published reader loses lines. */
  ascii: boolean;
  /** Lines end in CR LF. */
  crlf: boolean;
  /** Comment lines and `event:` lines, as the format allows. */
  comments: boolean;
  /** The first event tells that the command was started. */
  started: boolean;
  /** Events have a `type`; the legacy form has none. */
  typed: boolean;
}

/** What can be turned on a double, also while it runs. The defaults are a service in good health that follows its specification. */
export interface Knobs {
  /** `strict`: commands of more than 10,000 characters are refused. */
  execLimit: 'strict' | 'off';
  /** Without it the stream route answers 404, as a service that has it no more. */
  stream: boolean;
  /** Programs that are not there in its computers. */
  lacks: readonly string[];
  /** What its computers have: the programs of this machine, or busybox and Python alone. */
  tools: 'system' | 'busybox';
  streamStyle: StreamStyle;
  /** Answers are written in pieces of so many bytes, which cut characters and events; 0: whole. */
  pieceBytes: number;
  /** Added to each create, start and restore, also to one that goes on. */
  provisionMs: number;
  /** Create answers while the computer is still `creating`. */
  asyncCreate: boolean;
  /** Start, stop and delete answer when they are done, not while they go on. */
  syncTransitions: boolean;
  /** Every computer that is made next ends as `error` with this text. */
  createError: string | undefined;
  /** Every create is refused so. */
  createRefusal: RefusalCode | undefined;
  /** GET of a deleted computer answers 200 `deleted`, not 404. */
  showDeleted: boolean;
  /** An interrupted computer is restored by itself after so many milliseconds; undefined: only by retry-restore. */
  restoreMs: number | undefined;
  /** An answer or a terminal's connection in which no byte moves for so long is cut, as proxies do; 0: never. */
  idleCutMs: number;
  /** What stands in the body of a fault's status: a text, a list, or what a proxy writes. */
  faultBody: 'text' | 'list' | 'html' | 'empty';
  /** So many requests in so many milliseconds, then 429. */
  rateLimit: { readonly requests: number; readonly perMs: number } | undefined;
  /** How 429 says when to come back. */
  retryAfter: 'seconds' | 'date' | 'none';
  /** Computers that may run at once. */
  runningLimit: number;
  /** Ports that cannot be published. */
  reservedPorts: readonly number[];
  /** A published port has no URL in the first answer. */
  lateUrls: boolean;
  /** Terminal output: as its bytes are, all binary, or all text (bytes that are no UTF-8 are then replaced). */
  terminalFrames: 'mixed' | 'binary' | 'text';
  /** Terminal output is cut into frames of so many bytes; 0: as it comes. */
  terminalFrameBytes: number;
  /** A terminal's connection breaks when so many bytes went over it, both ways together; 0: never. */
  terminalCutBytes: number;
  /** What a terminal shows to whoever comes back: what was missed meanwhile, or nothing of it. */
  reattach: 'missed' | 'nothing';
  /** Milliseconds for which a terminal token lets in, once. */
  tokenMs: number;
  /** Scopes of the double's own key. */
  scopes: readonly ('computers:read' | 'computers:exec' | 'computers:admin')[];
  faults: readonly Fault[];
}

export function defaultKnobs(): Knobs {
  return {
    execLimit: 'strict',
    stream: true,
    lacks: [],
    tools: 'system',
    streamStyle: {
      blankLines: true,
      ascii: true,
      crlf: false,
      comments: false,
      started: true,
      typed: true,
    },
    pieceBytes: 0,
    provisionMs: 0,
    asyncCreate: false,
    syncTransitions: false,
    createError: undefined,
    createRefusal: undefined,
    showDeleted: false,
    restoreMs: 200,
    idleCutMs: 0,
    faultBody: 'text',
    rateLimit: undefined,
    retryAfter: 'seconds',
    runningLimit: 50,
    reservedPorts: [2222, 5900, 6080, 9222],
    lateUrls: false,
    terminalFrames: 'mixed',
    terminalFrameBytes: 0,
    terminalCutBytes: 0,
    reattach: 'missed',
    tokenMs: 300_000,
    scopes: ['computers:read', 'computers:exec', 'computers:admin'],
    faults: [],
  };
}
