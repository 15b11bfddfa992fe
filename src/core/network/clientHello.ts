import { parseHostName } from './hostName.ts';

/** What the first bytes of a connection are. `more`: not all of it came yet. */
export type Hello =
  | { readonly kind: 'more' }
  | { readonly kind: 'not-tls' }
  /** TLS, and nothing that a server would take. */
  | { readonly kind: 'broken' }
  /** TLS, for this host; undefined where it names none. */
  | { readonly kind: 'tls'; readonly host: string | undefined };

const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const hostNameType = 0;
const recordHeader = 5;
const messageHeader = 4;
/** Longer than any client's, and spread over more records than any client's: only who wants to cost time sends more. */
export const longestHello = 16 * 1024;
const mostRecords = 32;

/**
 * Reads the server name out of a TLS ClientHello (RFC 8446, 4.1.2; RFC 6066, 3) without touching a byte of it. Bounded
 * and strict: whatever does not parse is `broken`.
 */
export function readHello(bytes: Uint8Array): Hello {
  if (bytes.length === 0) return { kind: 'more' };
  if (bytes[0] !== handshakeRecord || (bytes.length > 1 && bytes[1] !== 3)) return { kind: 'not-tls' };
  const message = handshakeIn(bytes.subarray(0, longestHello));
  if (message === 'broken') return { kind: 'broken' };
  if (message === undefined) return bytes.length >= longestHello ? { kind: 'broken' } : { kind: 'more' };
  try {
    return { kind: 'tls', host: serverName(new Cursor(message)) };
  } catch {
    return { kind: 'broken' };
  }
}

/** The body of the first handshake message, joined from the records that carry it. Undefined: not all came yet. */
function handshakeIn(bytes: Uint8Array): Uint8Array | 'broken' | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0; at + recordHeader <= bytes.length;) {
    if (parts.length === mostRecords) return 'broken';
    const length = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
    if (bytes[at] !== handshakeRecord || bytes[at + 1] !== 3 || length === 0) return 'broken';
    parts.push(bytes.subarray(at + recordHeader, at + recordHeader + length));
    const whole = wholeMessage(Buffer.concat(parts));
    if (whole !== undefined) return whole;
    at += recordHeader + length;
  }
  return undefined;
}

function wholeMessage(joined: Buffer): Uint8Array | 'broken' | undefined {
  if (joined.length < messageHeader) return undefined;
  const length = joined.readUIntBE(1, 3);
  if (joined[0] !== clientHello || length > longestHello) return 'broken';
  return joined.length < messageHeader + length ? undefined : joined.subarray(messageHeader, messageHeader + length);
}

function serverName(hello: Cursor): string | undefined {
  hello.skip(2 + 32);
  hello.take(1);
  hello.take(2);
  hello.take(1);
  if (hello.isAtEnd) return undefined;
  const extensions = new Cursor(hello.take(2));
  let found: string | undefined;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const body = extensions.take(2);
    if (type !== serverNameExtension) continue;
    if (found !== undefined) throw new Error('two server names');
    found = hostNameIn(body);
  }
  return found;
}

function hostNameIn(body: Uint8Array): string {
  const list = new Cursor(new Cursor(body).take(2));
  const type = list.number(1);
  const name = parseHostName(Buffer.from(list.take(2)).toString('latin1'));
  if (type !== hostNameType || name === undefined || !list.isAtEnd) throw new Error('no host name');
  return name;
}

/** Reads on through bytes; throws where they end too early. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  skip(length: number): void {
    if (this.#at + length > this.#bytes.length) throw new Error('too short');
    this.#at += length;
  }

  number(width: 1 | 2): number {
    this.skip(width);
    return this.#bytes.readUIntBE(this.#at - width, width);
  }

  /** A vector: its length in `width` bytes, then so many bytes. */
  take(width: 1 | 2): Uint8Array {
    const length = this.number(width);
    this.skip(length);
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
