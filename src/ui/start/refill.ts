import { AirlockError, fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { SessionSummary } from '../../shared/view.ts';
import { confirmRefill } from '../gestures.ts';
import type { Parts } from '../parts.ts';
import { valueOf, withCancel } from '../progress.ts';
import { isHosted } from './kinds.ts';
import { refillQuestion } from './refillText.ts';

/** Another sandbox in place of one that is gone, once the person agreed. Undefined: they did not, or cancelled. */
export async function refilled(parts: Parts, session: Session): Promise<Session | undefined> {
  const last = session.lastCheckpoint() ?? fail('bad-input', 'The sandbox of this session is not gone.');
  const summary = session.summary();
  const isBilled = await looksBilled(parts, summary);
  if (isBilled === undefined) return undefined;
  const gesture = await confirmRefill(session.id, refillQuestion(summary, last, isBilled));
  if (gesture === undefined) return undefined;
  const result = await withCancel('Sandbox', async (say, signal) => {
    const step = ({ title, detail }: { title: string; detail?: string }) =>
      say(detail === undefined ? title : `${title}: ${detail}`);
    await session.refill(gesture, step, signal);
    return session;
  });
  return valueOf(result);
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
