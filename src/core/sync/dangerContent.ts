import { foldedForRules, type Danger } from './danger.ts';

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
    says: /build-backend|backend-path|init-hook|load-plugins|\bplugins?\b|local-plugins|addopts|cmdclass|extend-select-plugins|\\u/i,
    danger: { id: 'build-hook', reason: 'It names code that Python’s tools load at install, in checks or in tests.' },
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
  return rules.some(({ file }) => file.test(folded));
}

/** What a file's content would run by itself. What a text says counts, wherever in it. */
export function contentDanger(path: string, bytes: Uint8Array): Danger | undefined {
  const folded = foldedForRules(path);
  const text = Buffer.from(bytes).toString('latin1');
  return rules.find(({ file, says }) => file.test(folded) && says.test(text))?.danger;
}

export function isCargoManifest(path: string): boolean {
  return cargoManifest.test(foldedForRules(path));
}

/** A Cargo.toml beside a build script decides what that script is built from. */
export const besideBuildScript: Danger = {
  id: 'build-hook',
  reason: 'Cargo, and editors with it, build and run the script beside it.',
};
