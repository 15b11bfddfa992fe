import type { Socket } from 'node:net';

const maxHeadBytes = 64 * 1024;

export type Greeting = { ok: true; bytes: Uint8Array } | { ok: false; answer: string };

/**
 * Reads the head of a connection's first HTTP request and checks that its one `Host` is among `hosts` (`name:port`,
 * lower case). The bytes read are handed back for the relay. Rejects when the connection ends before the head does.
 */
export async function readGreeting(socket: Socket, hosts: ReadonlySet<string>): Promise<Greeting> {
  let seen = Buffer.alloc(0);
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    seen = Buffer.concat([seen, bytes as Buffer]);
    const end = seen.indexOf('\r\n\r\n');
    if (end >= 0) {
      const host = hostOf(seen.toString('latin1', 0, end));
      return host !== undefined && hosts.has(host) ? { ok: true, bytes: seen } : misdirected;
    }
    if (seen.length > maxHeadBytes) return misdirected;
  }
  throw new Error('The connection ended before its first request.');
}

const misdirected: Greeting = {
  ok: false,
  answer: 'HTTP/1.1 421 Misdirected Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
};

/** The value of the only `Host` line, in lower case; undefined for none, several, or a folded or odd line. */
function hostOf(head: string): string | undefined {
  const [start = '', ...lines] = head.split('\r\n');
  if (!/^[A-Z]+ [^ ]+ HTTP\/1\.[01]$/.test(start)) return undefined;
  const found = lines.filter((line) => /^host\s*:/i.test(line));
  if (found.length !== 1 || lines.some((line) => /^[ \t]/.test(line))) return undefined;
  return /^host:[ \t]*([^\s,]+)[ \t]*$/i.exec(found[0] ?? '')?.[1]?.toLowerCase();
}
