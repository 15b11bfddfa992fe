import type { Session } from '../../core/session/api.ts';
import { stepText, valueOf, withCancel } from '../progress.ts';

/** Makes a stopped or lost sandbox usable again, under a notification with Cancel. Undefined: cancelled. */
export async function restarted(session: Session): Promise<Session | undefined> {
  const result = await withCancel(session.summary().sandbox, async (say, signal) => {
    await session.restart((step) => say(stepText(step)), signal);
    return session;
  });
  return valueOf(result);
}
