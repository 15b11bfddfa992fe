import { fail } from '../problem.ts';
import type { EndHow } from './api.ts';
import type { SessionPorts } from './ports.ts';
import type { SandboxLife } from './sandboxLife.ts';

/** How the session came to the sandbox that it ends, and what the person agreed to. */
export interface SandboxEnd extends Pick<EndHow, 'leavePublic'> {
  readonly isAttached: boolean;
}

/**
 * Deletes a session's sandbox, or lets go of a computer that was attached. Throws `still-public`, and ends nothing,
 * where a computer would live on with ports that were published from here: nobody would take them back.
 */
export async function endSandbox(
  life: Pick<SandboxLife, 'delete' | 'isGone'>,
  ports: Pick<SessionPorts, 'unpublishAll' | 'forgetPublished'>,
  { isAttached, leavePublic = false }: SandboxEnd,
): Promise<void> {
  const livesOn = isAttached && !life.isGone;
  const open = await ports.unpublishAll();
  if (livesOn && !leavePublic && open.length > 0) {
    const named = `${open.length === 1 ? 'Port' : 'Ports'} ${open.join(', ')}`;
    fail('still-public', `${named} of the computer could not be taken off the internet.`, { fix: 'retry' });
  }
  await life.delete();
  if (!livesOn) await ports.forgetPublished();
}
