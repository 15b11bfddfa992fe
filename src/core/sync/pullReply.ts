import type { RelPath } from '../paths.ts';
import { fail } from '../problem.ts';
import { type Hostile, openHostile, type PullRequest } from '../sandbox.ts';
import { ByteReader } from './byteReader.ts';
import { type ListedRows, readRows } from './pullListing.ts';
import { maxPulledFileBytes } from './sizes.ts';
import { type PullMember, readTar, type TarLimits } from './tarReader.ts';

export type { ListedRows, SkippedName } from './pullListing.ts';
export type { PullMember } from './tarReader.ts';

/**
 * The reply to one pull, as the program inside writes it:
 *
 *     airlock-pull 1 KIND ID NOW ROWS BYTES ERRORS <newline>
 *     BYTES bytes: ROWS rows, one to a line
 *     tar archives, each as its tool ends it; none where there is nothing to send
 *     one block of 512 bytes: airlock-end ID ERRORS, padded with blanks, newline last
 *
 * KIND is `full` (all rows), `delta` (to the listing that was asked for: `+row` as it is now, `-row` as it was), `same`
 * (no rows) or `want` (no listing; ID is `-` and `0`). ID is the SHA-256 of the full rows. NOW is the sandbox's clock in
 * seconds. ERRORS counts what could not be listed for reasons unknown. A row is
 *
 *     TYPE MODE INODE SIZE MTIME CTIME PATH//=TARGET
 *
 * with TYPE f, d, l or o (anything else), MODE in octal, times in seconds with or without fraction; `//n` in PATH is a
 * newline; TARGET is a link's, left out where it holds a newline. `u PATH//=` names a folder that cannot be read.
 */
export interface PullReply {
  readonly listing: PullListing;
  /**
   * The files that came along, one after the other; each must be used before the next is asked for. Ending without a
   * throw proves that the reply was complete; it is still void unless the command's outcome is `exited 0`.
   */
  readonly members: AsyncIterable<PullMember>;
}

interface Listed {
  /** Names this listing in the next request's `since`, once it has been taken in whole. */
  readonly id: string;
  /** The sandbox's clock when the listing began, in seconds since the epoch: rows as young as this cannot be trusted. */
  readonly takenAt: number;
  /** Something could not be listed, for reasons unknown: absence means nothing here. */
  readonly torn: boolean;
}

export type PullListing =
  | ({ readonly kind: 'same' } & Listed)
  | ({ readonly kind: 'full' } & Listed & ListedRows)
  /** Never given while a folder is unreadable: then the listing is full. */
  | ({ readonly kind: 'delta' } & Listed & ListedRows)
  /** The answer to `want`. */
  | { readonly kind: 'none'; readonly takenAt: number };

export interface PullLimits extends TarLimits {
  readonly maxRows: number;
  readonly maxListingBytes: number;
  /** Most bytes of the whole reply. */
  readonly maxTotalBytes: number;
}

export const defaultPullLimits: PullLimits = {
  maxRows: 1_000_000,
  maxListingBytes: 256 * 1024 * 1024,
  maxMembers: 1_000_000,
  maxFileBytes: maxPulledFileBytes,
  maxTotalBytes: 4 * 1024 * 1024 * 1024,
};

const headLine = /^airlock-pull 1 (full|delta|same|want) ([0-9a-f]{64}|-) (\d{1,12}) (\d{1,9}) (\d{1,12}) (\d{1,9})$/;
const endMark = 'airlock-end ';

interface Head {
  readonly kind: string;
  readonly id: string;
  readonly now: number;
  readonly rows: number;
  readonly bytes: number;
  readonly errors: number;
}

/**
 * Reads a reply as it comes: the listing first, then its members on demand. With `request` given, an answer to another
 * question is refused and files that nobody wanted are skipped. Rejects with `protocol`, `pull-failed` or `limit`.
 */
export async function parsePullReply(
  stream: Hostile<AsyncIterable<Uint8Array>>,
  limits: PullLimits = defaultPullLimits,
  request?: Pick<PullRequest, 'since' | 'want'>,
): Promise<PullReply> {
  const reader = new ByteReader(openHostile(stream), limits.maxTotalBytes);
  try {
    const head = readHead(await reader.line(200));
    if (request !== undefined) checkAnswers(head, request);
    const listing = await readListing(reader, head, limits);
    const wanted = request?.want === undefined ? undefined : new Set(request.want);
    return { listing, members: readMembers(reader, head, limits, wanted) };
  } catch (caught) {
    await reader.close();
    throw caught;
  }
}

function readHead(line: string): Head {
  const match = headLine.exec(line);
  if (match === null) unreadable();
  const [, kind = '', id = '', ...numbers] = match;
  const [now = 0, rows = 0, bytes = 0, errors = 0] = numbers.map(Number);
  if ((id === '-') !== (kind === 'want')) unreadable();
  return { kind, id, now, rows, bytes, errors };
}

function checkAnswers(head: Head, request: Pick<PullRequest, 'since' | 'want'>): void {
  const listed = request.want === undefined;
  if ((head.kind === 'want') === listed) unreadable();
  if (head.kind === 'same' && head.id !== request.since) unreadable();
  if (head.kind === 'delta' && request.since === undefined) unreadable();
}

async function readListing(reader: ByteReader, head: Head, limits: PullLimits): Promise<PullListing> {
  if (head.rows > limits.maxRows || head.bytes > limits.maxListingBytes) {
    fail('limit', `The sandbox holds more than ${limits.maxRows} files.`, { delivery: 'maybe-sent' });
  }
  const listed = { id: head.id, takenAt: head.now, torn: head.errors > 0 };
  const section = { bytes: head.bytes, count: head.rows };
  switch (head.kind) {
    case 'full':
      return { kind: 'full', ...listed, ...(await readRows(reader, { ...section, delta: false, digest: head.id })) };
    case 'delta':
      return { kind: 'delta', ...listed, ...(await readRows(reader, { ...section, delta: true })) };
    default:
      if (head.bytes !== 0 || head.rows !== 0) unreadable();
      return head.kind === 'same' ? { kind: 'same', ...listed } : { kind: 'none', takenAt: head.now };
  }
}

async function* readMembers(
  reader: ByteReader,
  head: Head,
  limits: TarLimits,
  wanted: ReadonlySet<RelPath> | undefined,
): AsyncGenerator<PullMember> {
  try {
    const archive = readTar(reader, endMark, limits);
    for (;;) {
      const next = await archive.next();
      if (next.done === true) {
        const expected = `${endMark}${head.kind === 'want' ? '0' : head.id} ${head.errors}`;
        if (next.value.trimEnd() !== expected || !(await reader.atEnd())) unreadable();
        return;
      }
      const member = next.value;
      if (member.kind === 'skipped' || wanted?.has(member.path) !== false) yield member;
    }
  } finally {
    await reader.close();
  }
}

function unreadable(): never {
  fail('protocol', 'The sandbox gave an answer that cannot be read.', { delivery: 'maybe-sent' });
}
