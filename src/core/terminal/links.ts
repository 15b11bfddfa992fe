/** Most characters of a line that are looked through, and most links in it. */
const longestLine = 8192;
const mostLinks = 50;

/** Where an address that a terminal shows leads. */
export type LinkTarget =
  /** To a program that listens inside the sandbox. */
  | { readonly kind: 'guest'; readonly url: URL; readonly port: number }
  | { readonly kind: 'web'; readonly url: URL }
  /** To a file, which would be one of this machine: refused. */
  | { readonly kind: 'file' };

/** An address in a line of a terminal, by its UTF-16 position. */
export interface FoundLink {
  readonly start: number;
  readonly length: number;
  readonly target: LinkTarget;
}

/** The addresses in one line of text that a sandbox wrote. */
export function linksIn(line: string): readonly FoundLink[] {
  const found: FoundLink[] = [];
  for (const match of line.slice(0, longestLine).matchAll(/\b(?:https?|file):\/\/[^\s"'<>`|\\^{}]+/giu)) {
    const text = withoutTail(match[0]);
    const target = targetOf(text);
    if (target !== undefined) found.push({ start: match.index, length: text.length, target });
    if (found.length === mostLinks) break;
  }
  return found;
}

function targetOf(text: string): LinkTarget | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol === 'file:') return { kind: 'file' };
  if (!isLoopback(url.hostname)) return { kind: 'web', url };
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { kind: 'guest', url, port };
}

/** Names and addresses that mean the machine on which they are used; `URL` has brought all forms of IPv4 to one. */
function isLoopback(host: string): boolean {
  return /^(?:localhost\.?|.+\.localhost\.?|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/u.test(host);
}

/** What a sentence around an address adds to it: punctuation, and brackets that do not open inside. */
function withoutTail(text: string): string {
  let end = text.length;
  for (;;) {
    const last = text.charAt(end - 1);
    const opening = { ')': '(', ']': '[' }[last];
    const inside = text.slice(0, end);
    const isAlone = opening !== undefined && countOf(inside, last) > countOf(inside, opening);
    if (!isAlone && !/[.,;:!?]/.test(last)) return inside;
    end -= 1;
  }
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}
