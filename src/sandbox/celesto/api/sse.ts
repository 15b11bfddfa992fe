import { fail } from '../../../core/problem.ts';

/** A longer event or line is refused. */
const mostBytes = 1_048_576;

/**
 * The `data` of server-sent events as JSON values. Blank lines between events may be missing (some proxies drop them):
 * where what came so far and the next `data` are each a whole JSON object, they are two events. Lines end in LF or CRLF,
 * may be cut anywhere, and a last event needs no blank line. Throws `protocol` for what is too long or is not JSON.
 */
export async function* eventsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  const event = new EventData();
  let text = '';
  for await (const bytes of source) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    if (text.length > mostBytes) tooLong();
    for (const line of lines) yield* event.line(line);
  }
  yield* event.line(text + decoder.decode());
  yield* event.line('');
}

class EventData {
  #data: string | undefined;

  *line(raw: string): Generator {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') {
      if (this.#data !== undefined && this.#data !== '') yield parsed(this.#data);
      this.#data = undefined;
      return;
    }
    const [, value] = /^data(?:: ?(.*))?$/s.exec(line) ?? [];
    if (value === undefined) return;
    if (this.#data === undefined) {
      this.#data = value;
      return;
    }
    const whole = asObject(this.#data);
    if (whole !== undefined && asObject(value) !== undefined) {
      yield whole;
      this.#data = value;
      return;
    }
    this.#data += `\n${value}`;
    if (this.#data.length > mostBytes) tooLong();
  }
}

function asObject(text: string): object | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail('protocol', 'The stream of a command cannot be read.', { delivery: 'maybe-sent' });
  }
}

function tooLong(): never {
  return fail('protocol', 'The stream of a command holds an event that is too long.', { delivery: 'maybe-sent' });
}
