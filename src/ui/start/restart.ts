import type { Session } from '../../core/session/api.ts';
import { valueOf, withCancel } from '../progress.ts';

/** Makes a stopped or lost sandbox usable again, under a notification with Cancel. Undefined: cancelled. */
export async function restarted(session: Session): Promise<Session | undefined> {
  const result = await withCancel('Sandbox', async (say, signal) => {
    await session.restart(({ title }) => say(title), signal);
    return session;
  });
  return valueOf(result);
}
