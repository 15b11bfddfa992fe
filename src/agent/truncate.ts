const bytesPerToken = 4;

export interface Cut {
  readonly text: string;
  /** Given only when something was left out. */
  readonly originalTokenCount?: number;
}

/**
 * Keeps the head and the tail of a long output and says between them how much was left out, in the SDK's own words (its
 * memory looks for them). The SDK's function for this measures each character alone, which blocks for seconds on the
 * output of a build.
 */
export function cutForModel(output: string, maxTokens: number | undefined): Cut {
  const bytes = Buffer.from(output);
  const most = maxTokens === undefined ? Infinity : Math.max(0, maxTokens) * bytesPerToken;
  if (bytes.length <= most) return { text: output };
  const tokens = Math.ceil(bytes.length / bytesPerToken);
  const lines = `Total output lines: ${output.split(/\r\n|\r|\n/).length}\n\n`;
  const widest = Buffer.byteLength(marker(tokens));
  const prefix = lines.length + widest <= most ? lines : '';
  const budget = Math.max(0, most - prefix.length - widest);
  const head = bytes.subarray(0, characterStart(bytes, Math.floor(budget / 2)));
  const tail = bytes.subarray(characterEnd(bytes, bytes.length - Math.ceil(budget / 2)));
  const left = Math.ceil((bytes.length - head.length - tail.length) / bytesPerToken);
  const text = `${prefix}${head.toString()}${marker(left)}${tail.toString()}`;
  return { text: most < widest ? text.slice(0, most) : text, originalTokenCount: tokens };
}

function marker(tokens: number): string {
  return `...${tokens} tokens truncated...`;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The last place at or before `at` where a character begins. */
function characterStart(bytes: Uint8Array, at: number): number {
  let place = at;
  while (place > 0 && isContinuation(bytes[place])) place -= 1;
  return place;
}

/** The first place at or after `at` where a character begins. */
function characterEnd(bytes: Uint8Array, at: number): number {
  let place = at;
  while (place < bytes.length && isContinuation(bytes[place])) place += 1;
  return place;
}
