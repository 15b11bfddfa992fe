import { AirlockError } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { askModally } from '../dialogs.ts';
import { untilDone } from '../progress.ts';

/** Ends a session that a person agreed to end. Answers false where they rather keep what could not be taken in. */
export async function endOf(session: Session): Promise<boolean> {
  try {
    await untilDone('Ending the session', () => session.end());
    return true;
  } catch (error) {
    if (!(error instanceof AirlockError) || error.problem.id !== 'left-inside') throw error;
    return await endWithout(session, error.problem.detail);
  }
}

/** Nothing is deleted that was not taken in, unless the person says so. */
async function endWithout(session: Session, why: string): Promise<boolean> {
  const [end, message] = ['End and Lose the Rest', 'End the session although not everything was taken in?'];
  const detail =
    session.summary().attached === true
      ? `${why}\nThe computer still holds it, and lives on.`
      : `${why}\nThe sandbox still holds it. Ending the session deletes it there.`;
  if ((await askModally({ message, detail }, end)) !== end) return false;
  await untilDone('Ending the session', () => session.end({ leaveRest: true }));
  return true;
}
