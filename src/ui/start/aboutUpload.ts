import type { RelPath } from '../../core/paths.ts';
import type { Session } from '../../core/session/api.ts';
import { discardUnstarted } from '../gestures.ts';
import { showInformation } from '../notify.ts';
import type { Services } from '../services.ts';
import { readProviderSettings } from '../settings.ts';
import { heldItems, pickHeld } from '../upload/afterReading.ts';
import { uploadList } from '../upload/summary.ts';
import { count } from '../words.ts';
import { pickFolder } from './folders.ts';
import { planUpload, uploadPlace } from './hydrate.ts';

/** What an upload is looked at for: the session that it belongs to, or for the moment would belong to. */
interface About {
  readonly session: Session;
  /** Under which a wish is kept: the session's id, or the folder's URI where none was started. */
  readonly key: string;
  /** Held-back files that would go in now. */
  readonly included: ReadonlySet<RelPath>;
}

/** Shows what an upload of the folder would send now, without starting anything. */
export async function showUpload(services: Services): Promise<void> {
  await about(services, async ({ session, included }) => {
    const manifest = await planUpload(session, included);
    const place = uploadPlace(session);
    if (manifest !== undefined) await services.lists.show(place.folder, uploadList(manifest, place));
  });
}

/**
 * Lets a person choose held-back files that are to go in all the same, or no longer. Nothing is sent by it: the next
 * upload asks, and names them.
 */
export async function chooseHeldBack(services: Services): Promise<void> {
  await about(services, async ({ session, key, included }) => {
    const manifest = await planUpload(session, included);
    if (manifest === undefined) return;
    const items = heldItems(manifest);
    const chosen = items.length === 0 ? undefined : await pickHeld(items);
    if (items.length === 0) void showInformation('No single file of this folder is held back.');
    if (chosen === undefined) return;
    await services.taste.setWanted(key, [...chosen]);
    void showInformation(
      `${count(chosen.size, 'held-back file')} will be among what your next prompt asks to send. Nothing was sent yet.`,
    );
  });
}

/** Forgets what was agreed to for a folder and for the shown session: uploads and tools are asked about again. */
export async function askAgain({ active, taste }: Services): Promise<void> {
  const shown = active.current;
  const folder = shown?.folder ?? (await pickFolder());
  if (folder === undefined) return;
  await taste.askAgain(folder.uri, shown?.id);
  void showInformation('You will be asked before files of this folder go into a sandbox. What is inside stays there.');
}

async function about(services: Services, look: (at: About) => Promise<void>): Promise<void> {
  const { active, parts, sandboxes, setting, taste } = services;
  const shown = active.current;
  if (shown?.folder !== undefined) {
    const included = taste.wanted(shown.id) ?? taste.sessionApproval(shown.id)?.included;
    await look({ session: shown, key: shown.id, included: new Set(included) });
    return;
  }
  const folder = await pickFolder();
  if (folder === undefined) return;
  const provider = await sandboxes.current(folder.uri);
  if (provider === undefined) return;
  const settings = readProviderSettings(provider, setting);
  const localFolder = await parts.localFolder(folder);
  const asked = { provider, folder: localFolder, settings, toolchains: [], title: folder.name };
  const session = await (await parts.sessions()).create(asked);
  try {
    const included = taste.wanted(folder.uri) ?? taste.folderApproval(folder.uri, provider.title)?.included;
    await look({ session, key: folder.uri, included: new Set(included) });
  } finally {
    const gesture = discardUnstarted(session);
    if (gesture !== undefined) await session.delete(gesture);
  }
}
