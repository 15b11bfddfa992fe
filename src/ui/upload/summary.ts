import { maySend } from '../../core/sync/manifest.ts';
import { byPath } from '../../core/sync/tree.ts';
import type { HeldBack, HoldRule, UploadManifest } from '../../core/sync/types.ts';
import { visibleLine } from '../../shared/visible.ts';
import { bytes, count, firstFew } from '../words.ts';

/** Why a path stays here, in the order in which people care, each as the end of "3 …". */
const reasons: Record<HoldRule, string> = {
  'secret-name': 'named like a secret',
  'secret-content': 'holding what looks like a secret',
  airlockignore: 'named by .airlockignore',
  ignored: 'named by ignore rules',
  dependency: 'dependency folders',
  'too-large': 'too large',
  'link-outside': 'links that lead out of the folder',
  'special-file': 'no ordinary files',
  'unsupported-name': 'with names that cannot cross',
  unreadable: 'unreadable',
  'git-folder': 'Git’s own data (.git)',
};

/** The reason of one rule, as the end of "3 …". */
export function reasonOf(rule: HoldRule): string {
  return reasons[rule];
}

/** A dialog of more lines would push its buttons out of view; the list names all. */
const mostChosenNamed = 12;

const ruleOrder = Object.keys(reasons) as HoldRule[];

/** The kinds of sandbox and folder that an upload is about. */
export interface UploadPlace {
  readonly folder: string;
  readonly sandbox: string;
  readonly isolation: string;
}

/** What the native dialog says before the first byte leaves. */
export function uploadText(
  manifest: UploadManifest,
  place: UploadPlace,
  why?: string,
): { message: string; detail: string } {
  const what =
    manifest.files.length === 0 ? 'no files' : `${count(manifest.files.length, 'file')} (${bytes(manifest.bytes)})`;
  const detail = [
    why,
    place.isolation,
    chosenText(chosenOf(manifest)),
    heldText(manifest.held),
    dependencyText(manifest.dependencies),
  ];
  return {
    message: `Send ${what} from “${place.folder}” into the sandbox (${place.sandbox})?`,
    detail: detail.filter((part) => part !== undefined && part !== '').join('\n\n'),
  };
}

/** Named one by one: each crosses only because this person said so. */
function chosenText(chosen: readonly string[]): string | undefined {
  if (chosen.length === 0) return undefined;
  return `Held back by the rules, and sent because you chose it:\n• ${firstFew(chosen, mostChosenNamed)}`;
}

/** What of this upload crosses only because the person chose it. */
function chosenOf({ files, included }: UploadManifest): readonly string[] {
  const chosen = new Set<string>(included);
  return files.map(({ path }) => path).filter((path) => chosen.has(path));
}

function heldText(held: readonly HeldBack[]): string {
  if (held.length === 0) return 'Nothing is held back.';
  const lines = groups(held).map(({ rule, items }) => {
    const isTelling = rule.startsWith('secret');
    const few = firstFew(
      items.map(({ path }) => path),
      isTelling ? 5 : 3,
    );
    return rule === 'git-folder' ? `• ${reasons[rule]}` : `• ${items.length} ${reasons[rule]}: ${few}`;
  });
  const single = held.some(maySend) ? '\n“Show Details” lets you send single ones all the same.' : '';
  return `Held back, stays on this machine:\n${lines.join('\n')}${single}`;
}

function dependencyText(dependencies: UploadManifest['dependencies']): string | undefined {
  if (dependencies.length === 0) return undefined;
  const lines = dependencies.map(
    ({ path, files, size }) => `• ${visibleLine(path)} (${count(files, 'file')}, ${bytes(size)})`,
  );
  return `Dependencies, copied in and never taken home:\n${lines.join('\n')}`;
}

/** The whole list, for reading at leisure in an editor. */
export function uploadList(manifest: UploadManifest, place: UploadPlace): string {
  const files = [...manifest.files].sort((a, b) => byPath(a.path, b.path));
  return [
    `What goes from “${place.folder}” into the sandbox (${place.sandbox})`,
    place.isolation,
    '',
    `Files: ${files.length}, ${bytes(manifest.bytes)}`,
    ...files.map(({ path, size, link }) =>
      visibleLine(`  ${path}  ${link === undefined ? bytes(size) : `link to ${link}`}`),
    ),
    '',
    ...chosenLines(chosenOf(manifest)),
    `Dependencies, copied in and never taken home: ${manifest.dependencies.length}`,
    ...manifest.dependencies.map(({ path, files: n, size }) =>
      visibleLine(`  ${path}  ${count(n, 'file')}, ${bytes(size)}`),
    ),
    '',
    `Held back, stays on this machine: ${manifest.held.length}`,
    ...groups(manifest.held).flatMap(({ rule, items }) => [
      `  ${reasons[rule]}`,
      ...items.map(({ path, size }) => visibleLine(`    ${path}${size === undefined ? '' : `  ${bytes(size)}`}`)),
    ]),
    '',
  ].join('\n');
}

function chosenLines(chosen: readonly string[]): readonly string[] {
  if (chosen.length === 0) return [];
  const title = `Among them, held back by the rules and sent because you chose it: ${chosen.length}`;
  return [title, ...chosen.map((path) => visibleLine(`  ${path}`)), ''];
}

function groups(held: readonly HeldBack[]): { rule: HoldRule; items: readonly HeldBack[] }[] {
  return ruleOrder
    .map((rule) => ({ rule, items: held.filter((item) => item.rule === rule) }))
    .filter(({ items }) => items.length > 0);
}
