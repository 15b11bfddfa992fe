import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { CelestoDoubleOptions } from './double.ts';
import { defaultKnobs, type Fault, type FaultKind, type Knobs } from './knobs.ts';
import { refusalCodes } from './refusals.ts';

const number = z.coerce.number().pipe(z.int().min(0));
const faultShape =
  /^(?<kind>(?:drop|hang)-(?:before|after)|truncate|no-exit|interrupt|[1-5]\d\d(?:-after)?)@(?<at>\d+)(?::(?<match>.+))?$/;

/** `KIND@N` or `KIND@N:TEXT`, such as `drop-after@3` or `500@1:DELETE`. */
const fault = z
  .string()
  .regex(faultShape, 'is no KIND@N[:TEXT]')
  .transform((text): Fault => {
    const { kind = '', at = '', match } = faultShape.exec(text)?.groups ?? {};
    const read = { kind: kind as FaultKind, at: Number(at) };
    return match === undefined ? read : { ...read, match };
  });

const rate = z
  .string()
  .regex(/^\d+\/\d+$/, 'is not REQUESTS/MILLISECONDS')
  .transform((text) => {
    const [requests = 0, perMs = 0] = text.split('/').map(Number);
    return { requests, perMs };
  });

const parts = z.string().transform((text) => text.split(','));
const numbers = parts.pipe(z.array(z.string().regex(/^\d+$/, 'is no list of numbers').transform(Number)));
const scopes = parts.pipe(z.array(z.enum(['computers:read', 'computers:exec', 'computers:admin'])));

type Put = (options: Writable<CelestoDoubleOptions>, value: never) => void;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Flag {
  readonly name: string;
  /** What stands behind it; absent: nothing. */
  readonly value?: { readonly shape: string; readonly schema: z.ZodType };
  readonly says: string;
  readonly put: Put;
}

function valued<T>(
  name: string,
  shape: string,
  schema: z.ZodType<T>,
  says: string,
  put: (options: Writable<CelestoDoubleOptions>, value: T) => void,
): Flag {
  return { name, value: { shape, schema }, says, put };
}

function bare(name: string, says: string, put: (options: Writable<CelestoDoubleOptions>) => void): Flag {
  return { name, says, put };
}

/** Turns a knob of the stream's style. */
function style<K extends keyof Knobs['streamStyle']>(key: K, value: Knobs['streamStyle'][K]) {
  return (options: Writable<CelestoDoubleOptions>) => {
    options.streamStyle = { ...(options.streamStyle ?? defaultKnobs().streamStyle), [key]: value };
  };
}

const flags: readonly Flag[] = [
  valued('port', 'N', number, 'port of 127.0.0.1 (0: a free one)', (o, v) => (o.port = v)),
  valued(
    'api-key',
    'KEY',
    z.string().min(1),
    'the key of its account (default: a random one)',
    (o, v) => (o.apiKey = v),
  ),
  valued('rtt', 'MS', number, 'a round trip, for every byte of every connection', (o, v) => (o.rttMs = v)),
  valued('bandwidth', 'BITS_PER_SECOND', number, 'each way, for all connections', (o, v) => (o.bitsPerSecond = v)),
  valued(
    'exec-limit',
    'strict|off',
    z.enum(['strict', 'off']),
    'refuse commands of more than 10,000 characters',
    (o, v) => (o.execLimit = v),
  ),
  bare('no-stream', 'the stream route answers 404', (o) => (o.stream = false)),
  valued('lacks', 'PROGRAM,…', parts, 'its computers do not have these programs', (o, v) => (o.lacks = v)),
  valued(
    'tools',
    'system|busybox',
    z.enum(['system', 'busybox']),
    'what its computers have: the programs of this machine, or busybox and Python',
    (o, v) => (o.tools = v),
  ),
  bare('no-blank-lines', 'no blank line after an event', style('blankLines', false)),
  bare('raw-utf8', 'events hold characters beyond ASCII', style('ascii', false)),
  bare('crlf', 'lines of events end in CR LF', style('crlf', true)),
  bare('comments', 'comment and event lines in the stream', style('comments', true)),
  bare('no-started', 'no started event', style('started', false)),
  bare('untyped', 'the legacy events without a type', style('typed', false)),
  valued('piece-bytes', 'N', number, 'write answers in pieces of N bytes', (o, v) => (o.pieceBytes = v)),
  valued('provision-ms', 'MS', number, 'added to each create and start', (o, v) => (o.provisionMs = v)),
  bare('async-create', 'create answers while it goes on', (o) => (o.asyncCreate = true)),
  bare('sync-transitions', 'start, stop and delete answer when they are done', (o) => (o.syncTransitions = true)),
  valued('create-error', 'TEXT', z.string(), 'computers end as error with this text', (o, v) => (o.createError = v)),
  valued('create-refusal', 'CODE', z.enum(refusalCodes), 'creates are refused so', (o, v) => (o.createRefusal = v)),
  bare('show-deleted', 'a deleted computer answers 200', (o) => (o.showDeleted = true)),
  valued('restore-ms', 'MS', number, 'an interrupted computer is restored after this', (o, v) => (o.restoreMs = v)),
  bare('manual-restore', 'an interrupted computer waits for retry-restore', (o) => (o.restoreMs = undefined)),
  valued('idle-cut', 'MS', number, 'cut answers in which nothing moves for so long', (o, v) => (o.idleCutMs = v)),
  valued(
    'fault-body',
    'text|list|html|empty',
    z.enum(['text', 'list', 'html', 'empty']),
    "what is in a fault's body",
    (o, v) => (o.faultBody = v),
  ),
  valued('rate-limit', 'REQUESTS/MS', rate, 'then 429', (o, v) => (o.rateLimit = v)),
  valued(
    'retry-after',
    'seconds|date|none',
    z.enum(['seconds', 'date', 'none']),
    'how 429 says when to come back',
    (o, v) => (o.retryAfter = v),
  ),
  valued('running-limit', 'N', number, 'computers that may run at once', (o, v) => (o.runningLimit = v)),
  valued('reserved-ports', 'N,N', numbers, 'ports that cannot be published', (o, v) => (o.reservedPorts = v)),
  bare('late-urls', 'the first answer of a published port has no URL', (o) => (o.lateUrls = true)),
  valued(
    'terminal-frames',
    'mixed|binary|text',
    z.enum(['mixed', 'binary', 'text']),
    'how terminals send',
    (o, v) => (o.terminalFrames = v),
  ),
  valued(
    'terminal-frame-bytes',
    'N',
    number,
    'cut terminal output into frames of N bytes',
    (o, v) => (o.terminalFrameBytes = v),
  ),
  valued('terminal-cut', 'N', number, 'a terminal connection breaks after N bytes', (o, v) => (o.terminalCutBytes = v)),
  valued(
    'reattach',
    'missed|nothing',
    z.enum(['missed', 'nothing']),
    'what a terminal shows on return',
    (o, v) => (o.reattach = v),
  ),
  valued('token-ms', 'MS', number, 'how long a terminal token lets in', (o, v) => (o.tokenMs = v)),
  valued(
    'scopes',
    'SCOPE,SCOPE',
    scopes,
    'what the key may do (computers:read, :exec, :admin)',
    (o, v) => (o.scopes = v),
  ),
  valued(
    'fault',
    'KIND@N[:TEXT]',
    fault,
    'at the N-th request that holds TEXT; may be given again',
    (o, v) => (o.faults = [...(o.faults ?? []), v]),
  ),
];

/** The options of the command, for people. */
export const usage = [
  'Options:',
  ...flags.map(line),
  'Kinds of fault: drop-before, drop-after, hang-before, hang-after, truncate, no-exit, interrupt, a status such as 500 or 429, and a status',
  'after the work, such as 500-after. TEXT is a part of METHOD /path.',
].join('\n');

function line({ name, value, says }: Flag): string {
  return `  ${`--${name}${value === undefined ? '' : ` ${value.shape}`}`.padEnd(38)} ${says}`;
}

/** What a command line comes to. */
export type ReadOptions =
  { kind: 'options'; options: CelestoDoubleOptions } | { kind: 'wrong'; message: string } | { kind: 'help' };

/** Reads the command's arguments. */
export function readOptions(args: readonly string[]): ReadOptions {
  const known = Object.fromEntries(
    flags.map(({ name, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: true } as const,
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...args], options: { ...known, help: { type: 'boolean' } } });
    if (values.help === true) return { kind: 'help' };
    const given = values as Readonly<Record<string, readonly unknown[] | undefined>>;
    const options: Writable<CelestoDoubleOptions> = {};
    for (const flag of flags) for (const value of given[flag.name] ?? []) apply(flag, value, options);
    return { kind: 'options', options };
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
}

function apply({ name, value, put }: Flag, given: unknown, options: Writable<CelestoDoubleOptions>): void {
  if (value === undefined) {
    put(options, undefined as never);
    return;
  }
  const read = value.schema.safeParse(given);
  if (!read.success)
    throw new Error(`--${name} ${String(given)}: ${read.error.issues[0]?.message ?? 'not understood'}`);
  put(options, read.data as never);
}
