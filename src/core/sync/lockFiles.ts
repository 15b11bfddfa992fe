import { presets } from '../network/presets.ts';
import type { Danger } from './danger.ts';

/** Files that say where a package manager takes packages from. Paths are folded. */
const textFile =
  /(?:^|\/)(?:yarn\.lock|pnpm-lock\.ya?ml|bun\.lock|cargo\.lock|gemfile\.lock|gems\.locked|poetry\.lock|pdm\.lock|uv\.lock|requirements[^/]*\.txt)$/;
const jsonFile = /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$|(?:^|\/)(?:composer|pipfile|deno)\.lock$/;

/** Lock files of npm and Composer, which name web pages for people besides, in these members of a package. */
const hasPages = /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$|(?:^|\/)composer\.lock$/;
const pages: ReadonlySet<string> = new Set(
  'funding deprecated homepage support description authors license notification-url'.split(' '),
);
const nothing: ReadonlySet<string> = new Set();
/** What is below these bears the name of a package, whatever it is called. */
const holdsPackages = /dependencies$|^packages$|^requires$/i;
/** Such a member in pnpm's file. A value that could stand elsewhere too, by an anchor, begins otherwise. */
const pagesLine = /^\s*deprecated: ['"]?\w.*$/gm;

/** Hosts that the package managers name themselves: whoever installs goes there anyway. */
const publicPlaces: ReadonlySet<string> = new Set(
  presets.filter(({ caution }) => caution === undefined).flatMap(({ hosts }) => hosts),
);
/** Cargo's name for crates.io, from where it fetches no package. */
const cratesIndex = /registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index/g;

/** The host of a URL, as far as the URL standard's reader would take it; one of `git@host:`; a way without a host. */
const place = new RegExp(
  [
    String.raw`\b(?:https?:[\\/]*|[a-z][a-z\d+.-]*://)(?:[^\s/\\?#@"']*@)?([^\s/\\:?#"'<>,;(){}[\]]+)`,
    String.raw`\bgit@([a-z\d.-]+):`,
    String.raw`(?<![a-z\d])((?:github|gitlab|bitbucket|gist|file):)(?=[^\s"'])`,
  ].join('|'),
  'gi',
);

const mostNamed = 3;
const longestName = 100;

/** True for a file that {@link lockDanger} may have a word on; `path` is folded. */
export function isLockFile(path: string): boolean {
  return textFile.test(path) || jsonFile.test(path);
}

/** What it means to take home a lock file that names places which `base` does not, and which are no manager's own. */
export function lockDanger(path: string, theirs: string, base: string | undefined): Danger | undefined {
  const known = base === undefined ? undefined : placesIn(path, base);
  const places = placesIn(path, theirs);
  if (places === undefined) return asDanger('it cannot be told which');
  const added = [...places].filter((one) => !publicPlaces.has(one) && known?.has(one) !== true);
  if (added.length === 0) return undefined;
  const more = added.length > mostNamed ? ` and ${added.length - mostNamed} more` : '';
  return asDanger(`${added.slice(0, mostNamed).join(', ')}${more}`);
}

function asDanger(what: string): Danger {
  return { id: 'install-hook', reason: `The next install takes packages from places that are new in it: ${what}.` };
}

/** Undefined where the text could say anything, as it is broken or written with escapes. */
function placesIn(path: string, text: string): ReadonlySet<string> | undefined {
  if (textFile.test(path)) return /\\[uUx]/.test(text) ? undefined : placesOf(text.replace(pagesLine, ''));
  try {
    const skipped = hasPages.test(path) ? pages : nothing;
    return placesOf([...stringsIn(JSON.parse(text), '', skipped)].join('\n'));
  } catch {
    return undefined;
  }
}

/** Names and values, without those of `skipped` members. */
function* stringsIn(value: unknown, holder: string, skipped: ReadonlySet<string>): Generator<string> {
  if (typeof value === 'string') yield value.replace(/[\t\r\n]/g, '');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (skipped.has(key) && !holdsPackages.test(holder)) continue;
    yield key;
    yield* stringsIn(member, key, skipped);
  }
}

function placesOf(text: string): ReadonlySet<string> {
  const found = text.replace(cratesIndex, '').matchAll(place);
  return new Set(
    [...found].map(([, host, git, way]) => (host ?? git ?? way ?? '').toLowerCase().slice(0, longestName)),
  );
}
