import type { RelPath } from '../../core/paths.ts';
import type { UploadManifest } from '../../core/sync/types.ts';
import { memberOf, relPathIn, textOf, textsOf } from '../narrow.ts';
import { bytes, count, firstFew } from '../words.ts';

/** What a person agreed to when they agreed to an upload: later changes that fit in go without a question. */
export interface Approval {
  readonly rulesId: string;
  /** Kinds of files that were agreed to, by their ending or, without one, their name. */
  readonly kinds: readonly string[];
  /** Secret-looking paths that were told to be held back. */
  readonly secrets: readonly string[];
  /** Held-back files that were chosen to go in all the same, also when they change; each time it is told. */
  readonly included: readonly RelPath[];
}

/** A remembered approval; undefined where it cannot be read, so that the person is asked again. */
export function readApproval(value: unknown): Approval | undefined {
  const rulesId = textOf(memberOf(value, 'rulesId'));
  const kinds = textsOf(memberOf(value, 'kinds'));
  const secrets = textsOf(memberOf(value, 'secrets'));
  if (rulesId === undefined || kinds === undefined || secrets === undefined) return undefined;
  const included = (textsOf(memberOf(value, 'included')) ?? []).flatMap(relPathIn);
  return { rulesId, kinds, secrets, included };
}

const mostFilesUnasked = 500;
const mostBytesUnasked = 25_000_000;

/** The approval that agreeing to `manifest` gives, on top of an earlier one under the same rules. */
export function approvalOf(manifest: UploadManifest, earlier?: Approval): Approval {
  const base = earlier?.rulesId === manifest.rulesId ? earlier : undefined;
  const kinds = new Set([...(base?.kinds ?? []), ...manifest.files.map(({ path }) => kindOf(path))]);
  const secrets = new Set([...(base?.secrets ?? []), ...secretsOf(manifest)]);
  const { rulesId, included } = manifest;
  return { rulesId, kinds: [...kinds].sort(), secrets: [...secrets].sort(), included };
}

/** Why the changes before a turn must be asked about; undefined where what was approved covers them. */
export function whyAskPush(manifest: UploadManifest, approved: Approval | undefined): string | undefined {
  const why = whyAskUpload(manifest, approved);
  if (why !== undefined) return why;
  const isLarge = manifest.files.length > mostFilesUnasked || manifest.bytes > mostBytesUnasked;
  if (!isLarge) return undefined;
  return `This is unusually much: ${count(manifest.files.length, 'file')}, ${bytes(manifest.bytes)}.`;
}

/** Why an upload must be asked about; undefined where what was approved covers it. */
export function whyAskUpload(manifest: UploadManifest, approved: Approval | undefined): string | undefined {
  if (approved === undefined) return 'You have not agreed to an upload of this folder yet.';
  if (approved.rulesId !== manifest.rulesId) return 'The rules for what is sent have changed since you agreed.';
  const added = manifest.included.filter((path) => !approved.included.includes(path));
  if (added.length > 0) return `You chose to send what is held back otherwise: ${firstFew(added)}.`;
  const dropped = approved.included.filter((path) => !manifest.included.includes(path));
  if (dropped.length > 0) return `Not sent any more; a copy that is inside stays there: ${firstFew(dropped)}.`;
  const secrets = secretsOf(manifest).filter((path) => !approved.secrets.includes(path));
  if (secrets.length > 0) return `New, looks like a secret and stays here: ${firstFew(secrets)}.`;
  const kinds = [...new Set(manifest.files.map(({ path }) => kindOf(path)))].filter(
    (kind) => !approved.kinds.includes(kind),
  );
  return kinds.length > 0 ? `New kinds of files would be sent: ${firstFew(kinds)}.` : undefined;
}

function secretsOf(manifest: UploadManifest): string[] {
  return manifest.held.filter(({ secret }) => secret !== undefined).map(({ path }) => path);
}

/** `*.ts` for `src/a.ts`; the whole name for `Makefile` and `.npmrc`. */
export function kindOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? name : `*${name.slice(dot).toLowerCase()}`;
}
