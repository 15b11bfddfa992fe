import type { Gesture } from '../../core/gesture.ts';
import type { RelPath } from '../../core/paths.ts';
import type { Session } from '../../core/session/api.ts';
import type { UploadManifest } from '../../core/sync/types.ts';
import { confirmUpload, discardUnstarted, rememberedUpload } from '../gestures.ts';
import { allowRemembered } from '../network/remembered.ts';
import { stepText, valueOf, withCancel } from '../progress.ts';
import type { Services } from '../services.ts';
import { approvalOf, whyAskUpload } from '../upload/approval.ts';
import { agreedUpload } from '../upload/agree.ts';
import type { UploadPlace } from '../upload/summary.ts';
import { count } from '../words.ts';
import { remembers, type AskedBy } from './asked.ts';

/** What filling a sandbox needs from the window. */
export type HydrateContext = Pick<
  Services,
  'taste' | 'lists' | 'log' | 'showAgent' | 'parts' | 'sandboxes' | 'setting'
>;

/**
 * Fills a session's sandbox: lists what would cross, asks, creates and uploads. Answers true once it is ready; false
 * when the person said no, in which case a session that holds nothing yet is taken back.
 */
export async function hydrate(session: Session, context: HydrateContext, by: AskedBy): Promise<boolean> {
  const agreed = await agree(session, context, by);
  if (agreed === undefined) return await takeBack(session);
  // At once, not when it is ready: by then the person works elsewhere, and the cursor is theirs.
  await context.showAgent();
  const started = await withCancel(session.summary().sandbox, async (say, signal) => {
    await session.start(agreed.manifest, agreed.gesture, (step) => say(stepText(step)), signal);
  });
  if (started.kind === 'cancelled') return await takeBack(session);
  valueOf(started);
  await allowRemembered(context, session);
  return true;
}

async function takeBack(session: Session): Promise<false> {
  const gesture = discardUnstarted(session);
  if (gesture !== undefined) await session.delete(gesture);
  return false;
}

/** Lists what would cross now; undefined: cancelled. */
export async function planUpload(
  session: Session,
  included: ReadonlySet<RelPath> = new Set(),
): Promise<UploadManifest | undefined> {
  return valueOf(
    await withCancel('Looking at your folder', async (say, signal) => {
      const onProgress = (files: number) => say(count(files, 'file'));
      return await session.planUpload({ included, signal, onProgress });
    }),
  );
}

/** The words for folder and sandbox in everything that is said about an upload. */
export function uploadPlace(session: Session): UploadPlace {
  const { folder, sandbox, isolation } = session.summary();
  return { folder, sandbox, isolation };
}

interface Agreed {
  readonly manifest: UploadManifest;
  readonly gesture: Gesture;
}

/** What goes in, agreed to now or before. Undefined: the person said no, or cancelled. */
async function agree(session: Session, context: HydrateContext, by: AskedBy): Promise<Agreed | undefined> {
  const { taste, lists } = context;
  const place = uploadPlace(session);
  const folder = session.folder?.uri ?? '';
  const approved = taste.folderApproval(folder, place.sandbox);
  const manifest = await planUpload(session, new Set(taste.wanted(folder) ?? approved?.included));
  if (manifest === undefined) return undefined;
  const counts = approved !== undefined && (await remembers(context, session, by));
  const silent = rememberedUpload(manifest, counts ? approved : undefined);
  if (silent !== undefined) {
    await taste.setSessionApproval(session.id, approvalOf(manifest, approved));
    return { manifest, gesture: silent };
  }
  const answer = await agreedUpload(manifest, {
    place,
    lists,
    why: (planned) => (approved === undefined ? undefined : whyAskUpload(planned, approved)),
    confirm: confirmUpload,
    plan: (included) => planUpload(session, included),
  });
  if (answer?.kind !== 'agreed') return undefined;
  const approval = approvalOf(answer.manifest, approved);
  await taste.setSessionApproval(session.id, approval);
  await taste.setWanted(folder, undefined);
  if (answer.remember) await taste.setFolderApproval(folder, place.sandbox, approval);
  return answer;
}
