import type { Forwarding } from '../../core/ports/forwarding.ts';
import type { SessionId } from '../../shared/ids.ts';
import { openWebForward } from './web.ts';

/**
 * Forwards for web pages: all ports of one session share its name below `localhost` and its token.
 *
 * @param tokenOf the secret of a session, the same each time it is asked for
 */
export function webForwarding(tokenOf: (session: SessionId) => Promise<string>): Forwarding {
  return async (sandbox, { session, ...wished }) => {
    const token = await tokenOf(session);
    return await openWebForward(sandbox, { ...wished, name: `${session}.localhost`, token });
  };
}
