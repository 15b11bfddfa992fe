import { problemOf } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { rememberedHosts } from '../gestures.ts';
import type { Services } from '../services.ts';

/**
 * Opens, without a question, the way to the hosts that a person had remembered for the folder. Never rejects: without
 * them the session works as one without network.
 */
export async function allowRemembered(
  { taste, log }: Pick<Services, 'taste' | 'log'>,
  session: Session,
): Promise<void> {
  const rules = taste.hosts(session.folder?.uri ?? '');
  if (rules.length === 0 || session.network.view().egress !== 'allow-list') return;
  try {
    await session.network.allow(rules, 'folder', rememberedHosts(session, rules));
  } catch (error) {
    log.error(`Remembered hosts could not be allowed: ${problemOf(error, 'sandbox-lost').detail}`, error);
  }
}
