import { randomBytes } from 'node:crypto';
import type { Forwarding } from '../../core/ports/forwarding.ts';
import type { SessionId } from '../../shared/ids.ts';
import { openWebForward } from './web.ts';

/** Forwards for web pages: all ports of one session share its name below `localhost` and its token. */
export function webForwarding(): Forwarding {
  const tokens = new Map<SessionId, string>();
  const tokenOf = (session: SessionId) => {
    const token = tokens.get(session) ?? randomBytes(32).toString('hex');
    tokens.set(session, token);
    return token;
  };
  return async (sandbox, { session, ...wished }) => {
    const secrets = { name: `${session}.localhost`, token: tokenOf(session) };
    return await openWebForward(sandbox, { ...wished, ...secrets });
  };
}
