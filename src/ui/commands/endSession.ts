import { AirlockError, type Problem } from '../../core/problem.ts';
import type { EndHow, Session } from '../../core/session/api.ts';
import { askModally, type Question } from '../dialogs.ts';
import { untilDone } from '../progress.ts';

/** Ends a session that a person agreed to end. Answers false where they rather keep what the end would lose or leave. */
export async function endOf(session: Session, how: EndHow = {}): Promise<boolean> {
  try {
    await untilDone('Ending the session', () => session.end(how));
    return true;
  } catch (error) {
    const all = error instanceof AirlockError ? allTheSame(session, error.problem) : undefined;
    if (all === undefined) throw error;
    if ((await askModally(all.question, all.button)) !== all.button) return false;
    return await endOf(session, { ...how, ...all.how });
  }
}

/** What is asked where a session can be ended all the same. */
interface AllTheSame {
  readonly question: Question;
  readonly button: string;
  readonly how: EndHow;
}

function allTheSame(session: Session, { id, detail: why }: Problem): AllTheSame | undefined {
  if (id === 'still-public') {
    const message = 'End the session although ports of the computer may stay public?';
    const detail = `${why}\nThe computer lives on, and nothing takes them back once the session has ended.`;
    return { question: { message, detail }, button: 'End and Leave Them Public', how: { leavePublic: true } };
  }
  if (id !== 'left-inside') return undefined;
  const message = 'End the session although not everything was taken in?';
  const detail =
    session.summary().attached === true
      ? `${why}\nThe computer still holds it, and lives on.`
      : `${why}\nThe sandbox still holds it. Ending the session deletes it there.`;
  return { question: { message, detail }, button: 'End and Lose the Rest', how: { leaveRest: true } };
}
