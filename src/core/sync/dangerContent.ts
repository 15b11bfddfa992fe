import { foldedForRules, type Danger } from './danger.ts';
import { isLockFile, lockDanger } from './lockFiles.ts';

/** Files that are an everyday matter until they name code: judged by what they say. */
interface ContentRule {
  readonly file: RegExp;
  /** True also where a name is written with escapes, as it could then say anything. */
  readonly says: RegExp;
  readonly danger: Danger;
}

const cargoManifest = /(?:^|\/)cargo\.toml$/;

const rules: readonly ContentRule[] = [
  {
    file: cargoManifest,
    says: /\bbuild["']?\s*=|proc[-_]macro|\brunner\b|\\u/i,
    danger: { id: 'build-hook', reason: 'It names a program that Cargo, and editors with it, run to build.' },
  },
  {
    file: /(?:^|\/)(?:pyproject\.toml|setup\.cfg)$/,
    // The names with `_` are the hooks of PDM's page on its lifecycle, which are scripts of these names.
    says: /\b(?:pre|post)_(?:init|install|invoke|lock|build|publish|run|script|use)\b|build-backend|backend-path|init-hook|load-plugins|\bplugins?\b|local-plugins|addopts|cmdclass|extend-select-plugins|\\u/i,
    danger: { id: 'build-hook', reason: 'It names code that Python’s tools load at install, in checks or in tests.' },
  },
  {
    // Vue's language tools load `plugins`; ts-node the other three. A file of another name that one extends may say it too.
    file: /[jt]sconfig[^/]*\.json$/,
    says: /vueCompilerOptions[^]*["']plugins|["']ts-node["'][^]*["'](?:require|compiler|transpiler)["']|\\u/,
    danger: { id: 'editor-config', reason: 'It names code that Vue’s language service or ts-node loads.' },
  },
  {
    file: /(?:^|\/)composer\.json$/,
    says: /"scripts"|"allow-plugins"|"repositories"|"bin"|"files"|\\u/,
    danger: { id: 'install-hook', reason: 'It names code that Composer fetches or runs at the next install.' },
  },
];

/** True for a file that {@link contentDanger} may have a word on. */
export function isJudgedByContent(path: string): boolean {
  const folded = foldedForRules(path);
  return isLockFile(folded) || rules.some(({ file }) => file.test(folded));
}

/**
 * What a file's content would run by itself. What a text says counts, wherever in it; of a lock file what it did not say
 * in `base`, which both sides had before.
 */
export function contentDanger(path: string, bytes: Uint8Array, base?: Uint8Array): Danger | undefined {
  const folded = foldedForRules(path);
  const text = textOf(bytes);
  if (isLockFile(folded)) return lockDanger(folded, text, base && textOf(base));
  return rules.find(({ file, says }) => file.test(folded) && says.test(text))?.danger;
}

/** Some tools read UTF-16 too, such as TypeScript. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').replaceAll('\0', '');
}

export function isCargoManifest(path: string): boolean {
  return cargoManifest.test(foldedForRules(path));
}

/** A Cargo.toml beside a build script decides what that script is built from. */
export const besideBuildScript: Danger = {
  id: 'build-hook',
  reason: 'Cargo, and editors with it, build and run the script beside it.',
};
