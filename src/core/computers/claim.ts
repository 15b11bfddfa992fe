import type { SessionId } from '../../shared/ids.ts';
import type { Owner } from './api.ts';
import { isFree, refuseTaken } from './free.ts';

const pauseMs = 100;
const mostPauses = 20;

/**
 * For a session that has written down that it takes a computer: resolves once no other one has, throws as
 * {@link refuseTaken} where one goes on having. Two that write it down in the same instant find each other. The one with
 * the lower id waits then, and the other takes its word back, so that one of them comes through and never both.
 */
export async function refuseRival(own: SessionId, rival: () => Promise<Owner | undefined>): Promise<void> {
  for (let pauses = 0; ; pauses += 1) {
    const other = await rival();
    if (isFree(other)) return;
    const yields = other?.kind === 'session' && own < other.session.id;
    if (!yields || pauses === mostPauses) refuseTaken(other);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
