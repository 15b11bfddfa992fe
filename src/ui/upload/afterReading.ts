import { window, type QuickPickItem } from 'vscode';
import { parseRelPath, type RelPath } from '../../core/paths.ts';
import { maySend } from '../../core/sync/manifest.ts';
import type { HeldBack, UploadManifest } from '../../core/sync/types.ts';
import { visibleLine } from '../../shared/visible.ts';
import { commandTitles } from '../ids.ts';
import { bytes } from '../words.ts';
import { reasonOf } from './summary.ts';

const goOn = { label: '$(arrow-right) Go On', detail: 'Asks again before anything is sent.' };
const choose = {
  label: `$(unlock) ${commandTitles['airlock.chooseHeldBack']}`,
  detail: 'For what the agent cannot work without. Asks again before anything is sent.',
};
const stop = { label: '$(close) Cancel', detail: 'Nothing is sent.' };

/** One held-back file to choose. */
export interface HeldItem extends QuickPickItem {
  readonly path: RelPath;
}

/** What a person does once they have read the list; a set: the held-back files that are to go in all the same. */
export async function afterReading(manifest: UploadManifest): Promise<ReadonlySet<RelPath> | 'go-on' | 'stop'> {
  const items = heldItems(manifest);
  const title = 'Read the list, then go on';
  const options = { title, placeHolder: 'Nothing has been sent yet', ignoreFocusOut: true };
  const pressed = await window.showQuickPick(items.length === 0 ? [goOn, stop] : [goOn, choose, stop], options);
  if (pressed !== choose) return pressed === goOn ? 'go-on' : 'stop';
  return (await pickHeld(items)) ?? 'go-on';
}

/** Lets a person choose among held-back files. Undefined: dismissed. */
export async function pickHeld(items: readonly HeldItem[]): Promise<ReadonlySet<RelPath> | undefined> {
  const chosen = await window.showQuickPick(items, {
    title: 'Choose held-back files that go into the sandbox all the same',
    placeHolder: 'Each goes in as it is, without a look for secrets in it',
    canPickMany: true,
    ignoreFocusOut: true,
    matchOnDescription: true,
  });
  return chosen && new Set(chosen.map(({ path }) => path));
}

/** Every file that a person may choose, and those that they chose before. */
export function heldItems({ held, included }: UploadManifest): readonly HeldItem[] {
  const before = included.map((path) => ({ label: visibleLine(path), description: 'goes in', path, picked: true }));
  return [...before, ...held.filter(maySend).flatMap(itemOf)];
}

function itemOf({ path, rule, size }: HeldBack): HeldItem[] {
  const parsed = parseRelPath(path);
  if (!parsed.ok) return [];
  const description = `${reasonOf(rule)}${size === undefined ? '' : `, ${bytes(size)}`}`;
  return [{ label: visibleLine(path), description, path: parsed.path }];
}
