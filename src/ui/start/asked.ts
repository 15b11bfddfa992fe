import type { Session } from '../../core/session/api.ts';
import { valueOf, withCancel } from '../progress.ts';
import type { Services } from '../services.ts';
import { isUsableHere, probeOne } from './kinds.ts';

/** Who asked for a start or a turn: a person, in the panel or a native dialog; or a command, which any extension can run. */
export type AskedBy = 'person' | 'command';

/** Whether what a person agreed to before counts for this: it does where they ask, and where nothing leaves this machine. */
export async function remembers(
  services: Pick<Services, 'parts' | 'sandboxes' | 'setting'>,
  session: Session,
  by: AskedBy,
): Promise<boolean> {
  return by === 'person' || (await staysHere(services, session));
}

/** What is not known for certain does not stay here. */
async function staysHere(
  { parts, sandboxes, setting }: Pick<Services, 'parts' | 'sandboxes' | 'setting'>,
  session: Session,
): Promise<boolean> {
  const { sandbox } = session.summary();
  const { last } = sandboxes;
  if (last !== undefined && 'probe' in last && last.provider.title === sandbox) return isUsableHere(last);
  const provider = (await parts.providers()).find(({ title }) => title === sandbox);
  if (provider === undefined) return false;
  const look = await withCancel('Looking for the sandbox', (_say, signal) => probeOne(provider, setting, signal));
  const kind = valueOf(look);
  return kind !== undefined && isUsableHere(kind);
}
