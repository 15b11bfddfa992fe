import { parseRelPath, type RelPath } from '../paths.ts';
import { fail } from '../problem.ts';
import type { ByteReader } from './byteReader.ts';
import { shownName, type SkippedName } from './pullListing.ts';

/** One entry of a sandbox's tar, checked. */
export type PullMember =
  /** `bytes` gives exactly `size` bytes; what is left unread is skipped when the next member is asked for. */
  | { kind: 'file'; path: RelPath; size: number; exec: boolean; bytes: AsyncIterable<Uint8Array> }
  | { kind: 'link'; path: RelPath; target: string }
  | { kind: 'dir'; path: RelPath }
  /** A hard link: the same bytes as the file `earlier`, which came before it in this reply. */
  | { kind: 'same-as'; path: RelPath; earlier: RelPath }
  | ({ kind: 'skipped' } & SkippedName);

export interface TarLimits {
  readonly maxMembers: number;
  /** A larger file is skipped as `too-large`. */
  readonly maxFileBytes: number;
}

const blockSize = 512;
const maxExtensionBytes = 64 * 1024;

interface Extensions {
  path?: Buffer;
  link?: Buffer;
  size?: number;
}

interface Header {
  readonly name: Buffer;
  readonly link: Buffer;
  readonly size: number;
  readonly mode: number;
  readonly type: string;
}

/**
 * Reads tar members (ustar with GNU's and POSIX's long names; several archives one after the other) until a block that
 * starts with `endMark`, which it returns as text. Nothing is created anywhere. Throws `protocol` for a broken archive,
 * `pull-failed` for one that ends too early and `limit` for too many members.
 */
export async function* readTar(
  reader: ByteReader,
  endMark: string,
  limits: TarLimits,
): AsyncGenerator<PullMember, string> {
  let extensions: Extensions = {};
  let members = 0;
  for (;;) {
    const block = Buffer.from(await reader.take(blockSize));
    if (block.toString('latin1', 0, endMark.length) === endMark) return block.toString('latin1');
    if (block.every((byte) => byte === 0)) continue;
    const header = parseHeader(block, extensions);
    if ('xgLK'.includes(header.type)) {
      extensions = await readExtension(reader, header, extensions);
      continue;
    }
    extensions = {};
    members += 1;
    if (members > limits.maxMembers) fail('limit', 'The sandbox sent too many files.', { delivery: 'maybe-sent' });
    const body = new Body(reader, header.type === '0' ? header.size : 0);
    yield toMember(header, body, limits);
    await body.finish();
  }
}

/** A member's bytes: read by whoever wants them, skipped otherwise. */
class Body {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly #reader: ByteReader;
  #left: number;
  readonly #padding: number;

  constructor(reader: ByteReader, size: number) {
    this.#reader = reader;
    this.#left = size;
    this.#padding = paddingOf(size);
    this.bytes = this.#read();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#reader.pieces(this.#left)) {
      this.#left -= piece.length;
      yield piece;
    }
  }

  async finish(): Promise<void> {
    const left = this.#left + this.#padding;
    this.#left = 0;
    await this.#reader.skip(left);
  }
}

const paddingOf = (size: number) => (blockSize - (size % blockSize)) % blockSize;

function toMember(header: Header, body: Body, limits: TarLimits): PullMember {
  const parsed = memberPath(header.name);
  const skipped = (why: SkippedName['why']): PullMember => ({ kind: 'skipped', name: shownName(header.name), why });
  if (parsed === undefined) return skipped('bad-name');
  switch (header.type) {
    case '0':
      if (header.size > limits.maxFileBytes) return skipped('too-large');
      return { kind: 'file', path: parsed, size: header.size, exec: (header.mode & 0o111) !== 0, bytes: body.bytes };
    case '1': {
      const earlier = memberPath(header.link);
      return earlier === undefined ? skipped('link') : { kind: 'same-as', path: parsed, earlier };
    }
    case '2': {
      const target = decode(header.link);
      return target === undefined || target === '' ? skipped('link') : { kind: 'link', path: parsed, target };
    }
    case '5':
      return { kind: 'dir', path: parsed };
    default:
      return skipped('special-file');
  }
}

function memberPath(name: Buffer): RelPath | undefined {
  const parsed = parseRelPath(name.toString('latin1', 0, 2) === './' ? name.subarray(2) : name);
  return parsed.ok ? parsed.path : undefined;
}

function decode(raw: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return undefined;
  }
}

function parseHeader(block: Buffer, extensions: Extensions): Header {
  if (checksum(block) !== number(block, 148, 8)) malformed();
  const type = block.toString('latin1', 156, 157);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : Buffer.alloc(0);
  const short = text(block, 0, 100);
  const name = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), short]) : short;
  const extended = 'xgLK'.includes(type);
  const size = (extended ? undefined : extensions.size) ?? number(block, 124, 12);
  // Old archives write NUL for a plain file; links and folders carry no bytes whatever their size field says.
  return {
    name: (extended ? undefined : extensions.path) ?? name,
    link: (extended ? undefined : extensions.link) ?? text(block, 157, 100),
    size,
    mode: number(block, 100, 8),
    type: type === '\0' || type === '7' ? '0' : type,
  };
}

async function readExtension(reader: ByteReader, header: Header, before: Extensions): Promise<Extensions> {
  if (header.size > maxExtensionBytes) malformed();
  const body = Buffer.from(await reader.take(header.size));
  await reader.skip(paddingOf(header.size));
  if (header.type === 'L') return { ...before, path: text(body, 0, body.length) };
  if (header.type === 'K') return { ...before, link: text(body, 0, body.length) };
  return header.type === 'x' ? { ...before, ...paxRecords(body) } : before;
}

/** `LENGTH KEY=VALUE\n` records, as POSIX pax writes them. */
function paxRecords(body: Buffer): Extensions {
  const found: Extensions = {};
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(body.toString('latin1', at, space));
    if (!Number.isInteger(length) || length <= space - at + 1 || at + length > body.length) malformed();
    const record = body.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals < 0) malformed();
    const value = record.subarray(equals + 1);
    const key = record.toString('latin1', 0, equals);
    if (key === 'path') found.path = value;
    else if (key === 'linkpath') found.link = value;
    else if (key === 'size') found.size = wholeNumber(value.toString('latin1'), 10);
    at += length;
  }
  return found;
}

function text(block: Buffer, at: number, width: number): Buffer {
  const field = block.subarray(at, at + width);
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

function number(block: Buffer, at: number, width: number): number {
  const field = block.subarray(at, at + width);
  if (((field[0] ?? 0) & 0x80) === 0) return wholeNumber(text(field, 0, width).toString('latin1').trim() || '0', 8);
  // GNU's base 256 for what octal cannot hold. A negative one (top two bits set) is no size.
  let value = (field[0] ?? 0) & 0x7f;
  for (const byte of field.subarray(1)) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : malformed();
}

function wholeNumber(digits: string, radix: 8 | 10): number {
  const value = (radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(digits) ? Number.parseInt(digits, radix) : Number.NaN;
  return Number.isSafeInteger(value) ? value : malformed();
}

function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function malformed(): never {
  fail('protocol', 'The sandbox sent an archive that cannot be read.', { delivery: 'maybe-sent' });
}
