import { AirlockError, fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { confirmRefill } from '../gestures.ts';
import { allowRemembered } from '../network/remembered.ts';
import type { Parts } from '../parts.ts';
import { stepText, valueOf, withCancel } from '../progress.ts';
import type { Services } from '../services.ts';
import { isHosted } from './kinds.ts';
import { refillQuestion } from './refillText.ts';

/** Another sandbox in place of one that is gone, once the person agreed. Undefined: they did not, or cancelled. */
export async function refilled(
  services: Pick<Services, 'parts' | 'taste' | 'log'>,
  session: Session,
): Promise<Session | undefined> {
  const last =
    session.lastCheckpoint() ??
    fail('bad-input', 'The sandbox of this session is not gone.', { fix: 'restart-sandbox' });
  const summary = session.summary();
  const isBilled = await looksBilled(services.parts, summary);
  if (isBilled === undefined) return undefined;
  const gesture = await confirmRefill(session.id, refillQuestion(summary, last, isBilled));
  if (gesture === undefined) return undefined;
  const result = await withCancel(summary.sandbox, async (say, signal) => {
    await session.refill(gesture, (step) => say(stepText(step)), signal);
    return session;
  });
  const filled = valueOf(result);
  // What was allowed ended with the sandbox that it was allowed to.
  if (filled !== undefined) await allowRemembered(services, session);
  return filled;
}

/** Whether its kind costs money. Throws what keeps the kind from being ready; undefined: cancelled. */
async function looksBilled(parts: Parts, { sandbox }: SessionSummary): Promise<boolean | undefined> {
  const provider = (await parts.providers()).find(({ title }) => title === sandbox);
  if (provider === undefined) return false;
  const probed = valueOf(await withCancel('Looking for a sandbox', (_say, signal) => provider.probe(signal)));
  if (probed === undefined) return undefined;
  if (!probed.ready) throw new AirlockError(probed.problem);
  return isHosted(probed.caps);
}
