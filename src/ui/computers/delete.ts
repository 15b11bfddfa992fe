import type { Computer } from '../../core/computers/index.ts';
import { fail } from '../../core/problem.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { endOf } from '../commands/endSession.ts';
import { confirmDeleteComputer } from '../gestures.ts';
import { untilDone } from '../progress.ts';
import type { Services } from '../services.ts';
import { openedSession } from '../sessions/pick.ts';
import { pickComputer } from './pick.ts';
import { deleteOwnQuestion, deleteQuestion } from './texts.ts';

/** Deletes a computer after a native dialog that names it; one of a session only with that session's end. */
export async function deleteComputer(services: Services, arg: unknown): Promise<void> {
  const computer = await pickComputer(services, arg, 'Delete Computer');
  if (computer === undefined) return;
  if (computer.owner?.kind === 'session') await deleteOwn(services, computer, computer.owner.session);
  else await deleteFree(services, computer);
}

async function deleteFree({ parts }: Services, computer: Computer): Promise<void> {
  const gesture = await confirmDeleteComputer(computer, deleteQuestion(computer), 'Delete Computer');
  if (gesture === undefined) return;
  const computers = await parts.computers();
  await untilDone('Deleting the computer', () => computers.delete(computer, gesture, new AbortController().signal));
}

/** What it holds is taken in as at the end of any session; one that was attached outlives that end and is deleted then. */
async function deleteOwn(services: Services, computer: Computer, summary: SessionSummary): Promise<void> {
  const { elsewhere, title } = await livingSummary(services, summary);
  if (elsewhere) fail('owned-elsewhere', `Another window works with “${title}”. End it there.`);
  const question = deleteOwnQuestion(computer, summary);
  const gesture = await confirmDeleteComputer(computer, question, 'End Session and Delete');
  if (gesture === undefined) return;
  const session = await openedSession(services, summary);
  // What is public of it goes with it.
  if (!(await endOf(session, { leavePublic: true })) || summary.attached !== true) return;
  const computers = await services.parts.computers();
  await untilDone('Deleting the computer', () => computers.delete(computer, gesture, new AbortController().signal));
}

async function livingSummary({ parts }: Services, summary: SessionSummary): Promise<SessionSummary> {
  const sessions = await parts.sessions();
  return (
    sessions
      .opened()
      .find(({ id }) => id === summary.id)
      ?.summary() ?? summary
  );
}
