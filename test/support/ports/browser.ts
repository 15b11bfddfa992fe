import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Forwarded } from '../../../src/core/ports/forwarding.ts';

/** Opens a one-time address as a browser does and gives the cookie that it sets. */
export async function cookieFor(forward: Forwarded): Promise<string> {
  const { pathname, host } = new URL(forward.address('/'));
  const asked = get({ host: '127.0.0.1', port: forward.localPort, path: pathname, headers: { host }, agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  const [cookie] = answer.headers['set-cookie'] ?? [];
  if (answer.statusCode !== 200 || cookie === undefined) throw new Error(`No cookie: ${answer.statusCode ?? ''}`);
  return cookie.split(';', 1)[0] ?? '';
}
