import { createHash } from 'node:crypto';
import { parseRelPath, type RelPath } from '../paths.ts';
import { fail } from '../problem.ts';
import type { ByteReader } from './byteReader.ts';
import type { GuestRow, SkipWhy } from './types.ts';

/** A name that the host cannot take. `name` is for showing only: lossy, and cut to 256 characters. */
export interface SkippedName {
  readonly name: string;
  readonly why: SkipWhy;
}

/** The rows of one listing, or of a delta to the one before. */
export interface ListedRows {
  readonly rows: readonly GuestRow[];
  /** Folders whose children could not be listed: what lies below them is unknown, never deleted. */
  readonly unreadable: readonly RelPath[];
  readonly skipped: readonly SkippedName[];
  /** Paths of the former listing that are no more. Empty in a full listing. */
  readonly removed: readonly RelPath[];
  /** Names that were skipped in the former listing and are no more. */
  readonly unskipped: readonly string[];
}

const maxRowBytes = 64 * 1024;
const types = { f: 'file', d: 'dir', l: 'link', o: 'other' } as const;
const fields = /^([fdlo]) ([0-7]{1,6}) (\d{1,20}) (\d{1,16}) (-?\d{1,12}(?:\.\d{1,12})?) (-?\d{1,12}(?:\.\d{1,12})?) /;

type Row =
  { kind: 'row'; row: GuestRow } | { kind: 'unreadable'; path: RelPath } | { kind: 'skipped'; skipped: SkippedName };

/**
 * Reads `count` rows of `bytes` bytes. With `digest` given, the rows must hash to it (SHA-256): a full listing's id
 * is the hash of its rows. Throws `protocol` for anything that is not a row.
 */
export async function readRows(
  reader: ByteReader,
  section: { bytes: number; count: number; delta: boolean; digest?: string },
): Promise<ListedRows> {
  const found = new Found();
  const hash = createHash('sha256');
  let carry: Uint8Array = new Uint8Array(0);
  let count = 0;
  for await (const piece of reader.pieces(section.bytes)) {
    hash.update(piece);
    const chunk = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      found.add(Buffer.from(chunk.buffer, chunk.byteOffset + from, end - from), section.delta);
      count += 1;
      from = end + 1;
    }
    carry = chunk.subarray(from);
    if (carry.length > maxRowBytes) malformed();
  }
  if (carry.length > 0 || count !== section.count) malformed();
  if (section.digest !== undefined && hash.digest('hex') !== section.digest) malformed();
  return found.result();
}

class Found {
  readonly #rows = new Map<RelPath, GuestRow>();
  readonly #gone = new Set<RelPath>();
  readonly #unreadable = new Set<RelPath>();
  readonly #skipped: SkippedName[] = [];
  readonly #unskipped: string[] = [];

  add(line: Buffer, delta: boolean): void {
    const sign = line[0];
    const row = parseRow(delta ? line.subarray(1) : line);
    if (!delta || sign === 0x2b) this.#present(row);
    else if (sign === 0x2d) this.#absent(row);
    else malformed();
  }

  #present(row: Row): void {
    if (row.kind === 'row') this.#rows.set(row.row.path, row.row);
    else if (row.kind === 'unreadable') this.#unreadable.add(row.path);
    else this.#skipped.push(row.skipped);
  }

  #absent(row: Row): void {
    if (row.kind === 'row') this.#gone.add(row.row.path);
    else if (row.kind === 'skipped') this.#unskipped.push(row.skipped.name);
    else malformed();
  }

  result(): ListedRows {
    return {
      rows: [...this.#rows.values()],
      unreadable: [...this.#unreadable],
      skipped: this.#skipped,
      // A changed row is there twice: as it was and as it is.
      removed: [...this.#gone].filter((path) => !this.#rows.has(path)),
      unskipped: this.#unskipped,
    };
  }
}

function parseRow(line: Buffer): Row {
  if (line.length > maxRowBytes) malformed();
  const end = line.indexOf('//=');
  if (end < 0) malformed();
  const text = line.subarray(0, end).toString('latin1');
  if (text.startsWith('u ')) {
    const path = parsePath(text.slice(2));
    return path.ok ? { kind: 'unreadable', path: path.path } : { kind: 'skipped', skipped: path.skipped };
  }
  const match = fields.exec(text);
  if (match === null) malformed();
  const [head, type, mode, inode, size, mtime, ctime] = match as unknown as [string, keyof typeof types, ...string[]];
  const path = parsePath(text.slice(head.length));
  if (!path.ok) return { kind: 'skipped', skipped: path.skipped };
  const target = type === 'l' ? decodeTarget(line.subarray(end + 3)) : undefined;
  return {
    kind: 'row',
    row: {
      path: path.path,
      type: types[type],
      tag: [type, mode, inode, size, mtime, ctime].join(':'),
      size: Number(size),
      exec: type === 'f' && (Number.parseInt(mode ?? '0', 8) & 0o111) !== 0,
      changedAt: Math.max(Number(mtime), Number(ctime)),
      ...(target === undefined ? {} : { target }),
    },
  };
}

function parsePath(latin1: string): { ok: true; path: RelPath } | { ok: false; skipped: SkippedName } {
  const raw = Buffer.from(latin1.replaceAll('//n', '\n'), 'latin1');
  const parsed = parseRelPath(raw);
  return parsed.ok ? parsed : { ok: false, skipped: { name: shownName(raw), why: 'bad-name' } };
}

/** A hostile name for showing: lossy UTF-8, cut. */
export function shownName(raw: Uint8Array): string {
  return Buffer.from(raw).toString('utf8').slice(0, 256);
}

/** The target, or undefined where the guest left it out (it holds a newline) or it is not UTF-8: ask with `want`. */
function decodeTarget(raw: Buffer): string | undefined {
  if (raw.length === 0 || raw.length > 4096) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return undefined;
  }
}

function malformed(): never {
  fail('protocol', 'The sandbox sent a list of files that cannot be read.', { delivery: 'maybe-sent' });
}
