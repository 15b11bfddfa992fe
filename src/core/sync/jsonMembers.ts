/** One member of a JSON object, by its place in the text. */
export interface JsonMember {
  readonly key: string;
  readonly value: unknown;
  /** From the key's quote to the end of the value. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/**
 * The members of the object that `text` is, in order. Undefined for anything but one valid JSON object in which every
 * key stands once: readers differ in what they make of the rest.
 */
export function jsonMembers(text: string): JsonMember[] | undefined {
  const whole = parsed(text);
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return undefined;
  const members: JsonMember[] = [];
  let at = text.indexOf('{') + 1;
  for (;;) {
    const start = skipBlanks(text, at);
    if (text[start] !== '"') break;
    const keyEnd = skipString(text, start);
    const valueStart = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
    const end = skipValue(text, valueStart);
    const key = JSON.parse(text.slice(start, keyEnd)) as string;
    members.push({ key, value: parsed(text.slice(valueStart, end)), start, valueStart, end });
    at = skipBlanks(text, end);
    if (text[at] !== ',') break;
    at += 1;
  }
  return new Set(members.map(({ key }) => key)).size === members.length ? members : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

// The text is valid JSON by the time these walk over it.

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  return at;
}

function skipString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function skipValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const character = text[at] ?? '';
    if (character === '"') at = skipString(text, at);
    else if (depth === 0 && ',}] \t\r\n'.includes(character)) return at;
    else {
      if ('{['.includes(character)) depth += 1;
      if ('}]'.includes(character)) depth -= 1;
      at += 1;
    }
    if (depth === 0 && '"}]'.includes(text[at - 1] ?? '')) return at;
  }
  return text.length;
}
