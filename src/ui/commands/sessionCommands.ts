import { askModally } from '../dialogs.ts';
import { confirmDelete } from '../gestures.ts';
import { fail } from '../../core/problem.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { letGoWords } from '../computers/texts.ts';
import { untilDone } from '../progress.ts';
import type { Services } from '../services.ts';
import { refilled } from '../start/refill.ts';
import { restarted } from '../start/restart.ts';
import { hasSandbox, isOver } from '../statuses.ts';
import { aboutSession, chosenSession, openedSession, pickSession } from '../sessions/pick.ts';
import { count } from '../words.ts';
import { endOf } from './endSession.ts';

const isAlive = ({ status }: SessionSummary) => hasSandbox(status);

/** Shows a session in the panel and the changes view. */
export async function openSession(services: Services, arg: unknown): Promise<boolean> {
  const summary = await pickSession(services, arg, 'Open Session');
  if (summary === undefined) return false;
  const session = (await services.parts.sessions()).opened().find(({ id }) => id === summary.id);
  if (session === undefined) await services.active.open(summary);
  else await services.active.show(session);
  return true;
}

/** Stops the agent's turn and its command; what it did so far stays. */
export async function stopTurn(services: Services, arg: unknown): Promise<void> {
  const session = await aboutSession(services, arg, 'Stop Agent', ({ status }) => status === 'working');
  if (session === undefined) return;
  // No cancel here: stopping is what the person asked for, and it ends when it is confirmed.
  await untilDone('Stopping the agent', () => session.stopTurn());
}

/** Stops the sandbox after taking in its last changes. */
export async function stopSandbox(services: Services, arg: unknown): Promise<void> {
  const session = await aboutSession(services, arg, 'Stop Sandbox', isAlive);
  if (session === undefined) return;
  await untilDone('Stopping the sandbox', () => session.stopSandbox());
}

/** Halts the sandbox with all that runs in it, after taking in its last changes. */
export async function pauseSandbox(services: Services, arg: unknown): Promise<void> {
  const summary = await chosenSession(services, arg, 'Pause Sandbox', ({ pause }) => pause === 'can');
  if (summary === undefined || !(await mayInterrupt(summary))) return;
  const session = await openedSession(services, summary);
  await untilDone('Pausing the sandbox', () => session.pauseSandbox());
}

/** A turn cannot be halted: the model's answer would come to a sandbox that does not hear it. */
async function mayInterrupt({ status, title }: SessionSummary): Promise<boolean> {
  if (status !== 'working') return true;
  const stop = 'Stop Agent and Pause';
  const detail =
    'The agent is stopped first; what it did so far is taken in. Programs that it left running go on later.';
  return (
    (await askModally({ message: `Pause the sandbox of “${title}” while the agent works?`, detail }, stop)) === stop
  );
}

/** Lets a paused sandbox go on where it was. */
export async function resumeSandbox(services: Services, arg: unknown): Promise<void> {
  const session = await aboutSession(services, arg, 'Resume Sandbox', ({ pause }) => pause === 'is');
  if (session !== undefined) await restarted(session);
}

/** Makes a stopped or lost sandbox usable again. */
export async function restartSandbox(services: Services, arg: unknown): Promise<void> {
  const session = await aboutSession(services, arg, 'Restart Sandbox', ({ status }) => status !== 'ended');
  if (session === undefined) return;
  await restarted(session);
}

/** Ends a session: its sandbox is deleted; transcript and pending changes stay. */
export async function endSession(services: Services, arg: unknown): Promise<void> {
  const summary = await chosenSession(services, arg, 'End Session', ({ status }) => status !== 'ended');
  if (summary === undefined) return;
  const end = 'End Session';
  const provider = (await services.parts.providers()).find(({ title }) => title === summary.sandbox);
  const rest = summary.attached === true ? letGoWords(provider) : 'its sandbox is deleted';
  const detail = `Its last changes are taken in, then ${rest}. Transcript and pending changes stay here.`;
  if ((await askModally({ message: `End “${summary.title}”?`, detail }, end)) === end) {
    await endOf(await openedSession(services, summary));
  }
}

/** Starts another sandbox in place of one that is gone. */
export async function refillSandbox(services: Services, arg: unknown): Promise<void> {
  const session = await aboutSession(services, arg, 'Start New Sandbox from Last Checkpoint', ({ status }) =>
    isOver(status),
  );
  if (session !== undefined) await refilled(services, session);
}

/** Deletes a session, its sandbox and all that is stored of it, after a native dialog that names it. */
export async function deleteSession(services: Services, arg: unknown): Promise<void> {
  const summary = await pickSession(services, arg, 'Delete Session');
  if (summary === undefined) return;
  if (summary.readOnly !== undefined) fail('newer-schema', summary.readOnly);
  const lost = summary.changes === 0 ? '' : `${count(summary.changes, 'change')} not taken home will be lost. `;
  const gone = summary.attached === true ? 'Its computer lives on. Its' : 'Its sandbox,';
  const detail = `${lost}${gone} transcript and stored changes are removed. Your folder is not touched.`;
  const gesture = await confirmDelete(summary.id, { message: `Delete “${summary.title}”?`, detail });
  if (gesture === undefined) return;
  const shown = services.active.current;
  const session = await openedSession(services, summary);
  await untilDone('Deleting the session', () => session.delete(gesture));
  await services.active.show(shown?.id === session.id ? undefined : shown);
  await services.taste.setSessionApproval(session.id, undefined);
  await services.portTokens.forget(session.id);
}
