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
  const detail = [why, place.isolation, heldText(manifest.held), dependencyText(manifest.dependencies)];
  return {
    message: `Send ${what} from “${place.folder}” into the sandbox (${place.sandbox})?`,
    detail: detail.filter((part) => part !== undefined && part !== '').join('\n\n'),
  };
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
  return `Held back, stays on this machine:\n${lines.join('\n')}`;
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
  const files = [...manifest.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [
    `What goes from “${place.folder}” into the sandbox (${place.sandbox})`,
    place.isolation,
    '',
    `Files: ${files.length}, ${bytes(manifest.bytes)}`,
    ...files.map(({ path, size, link }) =>
      visibleLine(`  ${path}  ${link === undefined ? bytes(size) : `link to ${link}`}`),
    ),
    '',
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

function groups(held: readonly HeldBack[]): { rule: HoldRule; items: readonly HeldBack[] }[] {
  return ruleOrder
    .map((rule) => ({ rule, items: held.filter((item) => item.rule === rule) }))
    .filter(({ items }) => items.length > 0);
}
