/** A line of a head. */
export interface Field {
  /** As it was written. */
  readonly name: string;
  /** The name in lower case, by which fields are told apart. */
  readonly key: string;
  readonly value: string;
}

/** A field of our own. */
export function field(name: string, value: string): Field {
  return { name, key: name.toLowerCase(), value };
}

/** How a body is told from what follows it (RFC 9112, section 6). */
export type Framing =
  { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' } | { readonly kind: 'until-close' };

export interface RequestHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly version: string;
  readonly fields: readonly Field[];
  readonly framing: Framing;
  /** Asks for another protocol, such as WebSocket. */
  readonly upgrade: boolean;
  readonly close: boolean;
}

export interface ResponseHead {
  readonly start: string;
  readonly status: number;
  readonly fields: readonly Field[];
  readonly framing: Framing;
  readonly close: boolean;
}

const none: Framing = { kind: 'length', bytes: 0 };

/** Reads a request's head without its empty line; undefined for whatever two readers could understand in two ways. */
export function parseRequest(text: string): RequestHead | undefined {
  const { start, fields } = linesOf(text) ?? {};
  const [, method, target, version] = /^([A-Z]{1,32}) (\/[\x21-\x7e]*|\*) (HTTP\/1\.[01])$/.exec(start ?? '') ?? [];
  if (fields === undefined || method === undefined || target === undefined || version === undefined) return undefined;
  const framing = framingOf(fields);
  if (framing === 'ambiguous') return undefined;
  const close = version === 'HTTP/1.0' ? !has(fields, 'connection', 'keep-alive') : has(fields, 'connection', 'close');
  const upgrade = has(fields, 'connection', 'upgrade') && valuesOf(fields, 'upgrade').length > 0;
  return { method, target, version, fields, framing: framing ?? none, upgrade, close };
}

/** Reads the head of the answer to a `method` request; undefined for what is none. */
export function parseResponse(text: string, method: string): ResponseHead | undefined {
  const { start, fields } = linesOf(text) ?? {};
  const [, version, status] = /^(HTTP\/1\.[01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(start ?? '') ?? [];
  if (start === undefined || fields === undefined || status === undefined) return undefined;
  const code = Number(status);
  const bodiless = method === 'HEAD' || code < 200 || code === 204 || code === 304;
  const framing = bodiless ? none : (framingOf(fields) ?? { kind: 'until-close' });
  if (framing === 'ambiguous') return undefined;
  const kept = version === 'HTTP/1.1' || has(fields, 'connection', 'keep-alive');
  const close = !kept || has(fields, 'connection', 'close') || framing.kind === 'until-close';
  return { start, status: code, fields, framing, close };
}

/** A head as bytes, with its empty line. */
export function headBytes(start: string, fields: readonly Field[]): Buffer {
  let text = `${start}\r\n`;
  for (const { name, value } of fields) text += `${name}: ${value}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
}

/** Every value of the fields with that key. */
export function valuesOf(fields: readonly Field[], key: string): string[] {
  const values: string[] = [];
  for (const one of fields) if (one.key === key) values.push(one.value);
  return values;
}

function has(fields: readonly Field[], key: string, word: string): boolean {
  return valuesOf(fields, key).some((value) => value.split(',').some((one) => one.trim().toLowerCase() === word));
}

/** Undefined where neither length nor chunks are told; no reader may choose between two of them. */
function framingOf(fields: readonly Field[]): Framing | 'ambiguous' | undefined {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (codings.length > 0) {
    const isChunked = codings.length === 1 && codings[0]?.toLowerCase() === 'chunked';
    return isChunked && lengths.length === 0 ? { kind: 'chunked' } : 'ambiguous';
  }
  const [length] = lengths;
  if (length === undefined) return undefined;
  return lengths.length === 1 && /^[0-9]{1,15}$/.test(length) ? { kind: 'length', bytes: Number(length) } : 'ambiguous';
}

/** Folded lines, bare line ends, odd names and control characters make a head unreadable. */
function linesOf(text: string): { start: string; fields: Field[] } | undefined {
  const [start = '', ...lines] = text.split('\r\n');
  const fields: Field[] = [];
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    fields.push({ name, key: name.toLowerCase(), value: value.trimEnd() });
  }
  return { start, fields };
}
