import type { RelPath } from '../../core/paths.ts';
import type { UploadManifest } from '../../core/sync/types.ts';
import type { Question } from '../dialogs.ts';
import type { UploadAnswer } from '../gestures.ts';
import { afterReading } from './afterReading.ts';
import type { UploadLists } from './list.ts';
import { uploadList, uploadText, type UploadPlace } from './summary.ts';

/** How a person is asked about one upload. */
export interface UploadAsk {
  readonly place: UploadPlace;
  readonly lists: UploadLists;
  /** What the question begins with. */
  readonly why: (manifest: UploadManifest) => string | undefined;
  readonly confirm: (manifest: UploadManifest, question: Question) => Promise<UploadAnswer>;
  /** Lists again, with these held-back files among what goes in. Undefined: cancelled. */
  readonly plan: (included: ReadonlySet<RelPath>) => Promise<UploadManifest | 'nothing' | undefined>;
}

/** What a person agreed to; or that nothing is left to send after what they chose. */
export type AgreedUpload =
  | ({ readonly kind: 'agreed'; readonly manifest: UploadManifest } & Exclude<UploadAnswer, 'details' | undefined>)
  | { readonly kind: 'nothing'; readonly included: readonly RelPath[] };

/**
 * Asks; where the person wants to see the list first, shows it, waits until they have read it or chosen among what is
 * held back, and asks again about what would go in then. Only the modal question gives the gesture.
 */
export async function agreedUpload(first: UploadManifest, ask: UploadAsk): Promise<AgreedUpload | undefined> {
  let manifest = first;
  for (;;) {
    const answer = await ask.confirm(manifest, uploadText(manifest, ask.place, ask.why(manifest)));
    if (answer === undefined) return undefined;
    if (answer !== 'details') return { kind: 'agreed', manifest, ...answer };
    await ask.lists.show(ask.place.folder, uploadList(manifest, ask.place));
    const next = await afterReading(manifest);
    if (next === 'stop') return undefined;
    if (next === 'go-on') continue;
    const planned = await ask.plan(next);
    if (planned === undefined) return undefined;
    if (planned === 'nothing') return { kind: 'nothing', included: [...next] };
    manifest = planned;
  }
}
