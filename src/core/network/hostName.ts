const longestName = 253;
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** What old resolvers read as an address: a last part of digits alone, or hexadecimal. */
const looksLikeAddress = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/**
 * A DNS name as it is compared: lower case, in ASCII, without the dot at its end. Undefined for what is no name, such as
 * an address in any of the notations that resolvers take (`127.1`, `0x7f000001`, `[::1]`).
 */
export function parseHostName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name.length === 0 || name.length > longestName || looksLikeAddress.test(name)) return undefined;
  return name.split('.').every((part) => label.test(part)) ? name : undefined;
}

/** True for names that stand for this machine by definition (RFC 6761). */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}
