/** How a browser of this editor's person reaches a listener on the loopback of the machine that the extension runs on. */
export type Way =
  /** By an origin: its own name here, the end of a tunnel, or the name that a proxy gives it. */
  | { readonly kind: 'origin'; readonly origin: string; readonly isByLoopback: boolean }
  /** Only under a path of the editor's own address, where absolute paths break and the editor's cookies would be near. */
  | { readonly kind: 'none'; readonly editor: string };

const loopbackNames = ['localhost', '127.0.0.1', '0.0.0.0', '[::1]'];

/**
 * Reads what the editor answered for `http://127.0.0.1:<local port>/`. An answer without a path keeps absolute paths
 * working and is used; on this machine's loopback the session's own name takes the place of the address, which browsers
 * take for loopback (RFC 6761, section 6.3). An answer with a path is not used: where it is on loopback, browser and
 * listener are on the same machine, so the listener's own address is used instead.
 *
 * @param external the editor's answer
 * @param authority the session's own name and port on the extension's machine
 */
export function wayTo(external: string, authority: string): Way {
  const { protocol, hostname, port, pathname, host } = new URL(external);
  const isLoopback = loopbackNames.includes(hostname);
  const own = `http://${authority}`;
  if (pathname !== '/')
    return isLoopback ? { kind: 'origin', origin: own, isByLoopback: true } : { kind: 'none', editor: host };
  if (!isLoopback) return { kind: 'origin', origin: `${protocol}//${host}`, isByLoopback: false };
  const [name = ''] = authority.split(':');
  const there = port === '' ? name : `${name}:${port}`;
  return { kind: 'origin', origin: `${protocol}//${there}`, isByLoopback: false };
}

/** Where a link of the sandbox points on the sandbox's own loopback; undefined for every other address. */
export function guestPlace(link: string): { port: number; path: string } | undefined {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url?.protocol !== 'http:' || !loopbackNames.includes(url.hostname)) return undefined;
  return { port: url.port === '' ? 80 : Number(url.port), path: `${url.pathname}${url.search}${url.hash}` };
}
