import { isDeepStrictEqual } from 'node:util';
import { jsonMembers, type JsonMember } from './jsonMembers.ts';

/** All hooks that git knows (githooks(5)): some helpers take each from a key of its name. */
const gitHookNames = [
  'applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit',
  'pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update push-to-checkout',
  'reference-transaction pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman post-index-change',
];

/**
 * Keys of a package.json by which something runs, or is told what to run, without being asked to: at install, at a
 * commit, by an editor or a checking tool, in tests, by a release service.
 */
const runningKeys: ReadonlySet<string> = new Set(
  [
    'scripts config gypfile binary packageManager devEngines volta pnpm trustedDependencies allowScripts lavamoat',
    'husky ghooks simple-git-hooks gitHooks git-hooks lint-staged nano-staged commitlint commitizen czConfig',
    ...gitHookNames,
    'prettier eslintConfig stylelint babel postcss remarkConfig textlint xo standard graphql apollo tslint svgo',
    'jest mocha ava nyc c8 tap wallaby size-limit knip',
    'wireit nx lerna tsup build electronmon nodemonConfig release release-it',
  ].flatMap((names) => names.split(' ')),
);

/** A package.json in two parts. */
export type PackageSplit =
  /** No key that runs by itself differs. */
  | { readonly kind: 'harmless' }
  /** `safe` is theirs with these keys as they were; it differs from the base. */
  | { readonly kind: 'mixed'; readonly keys: readonly string[]; readonly safe: Uint8Array }
  /** Nothing but such keys differs, or the file cannot be told apart: all of it waits for a choice. */
  | { readonly kind: 'running'; readonly keys: readonly string[] };

/**
 * Splits a change of a package.json into the keys that run by themselves and the rest. The rest keeps theirs' text byte
 * for byte. `base` is undefined for a new file.
 */
export function splitPackage(base: Uint8Array | undefined, theirs: Uint8Array): PackageSplit {
  const before = base === undefined ? [] : membersIn(base);
  const after = membersIn(theirs);
  if (after === undefined) return { kind: 'running', keys: [] };
  const old = new Map((before ?? []).map((member) => [member.key, member]));
  const changed = after.filter(
    ({ key, value }) => runningKeys.has(key) && !isDeepStrictEqual(old.get(key)?.value, value),
  );
  if (changed.length === 0) return { kind: 'harmless' };
  const keys = changed.map(({ key }) => key);
  const text = Buffer.from(theirs).toString('utf8');
  const baseText = base === undefined ? '' : Buffer.from(base).toString('utf8');
  const safeText = restored(text, after, new Set(keys), (key) => valueText(baseText, old.get(key)));
  if (!isSafe(safeText, after, keys, old) || saysTheSame(safeText, before, base !== undefined))
    return { kind: 'running', keys };
  return { kind: 'mixed', keys, safe: Buffer.from(safeText) };
}

function membersIn(bytes: Uint8Array): JsonMember[] | undefined {
  try {
    return jsonMembers(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function valueText(text: string, member: JsonMember | undefined): string | undefined {
  return member === undefined ? undefined : text.slice(member.valueStart, member.end);
}

/** `text` with the named members given their former value, or taken out with their comma where they had none. */
function restored(
  text: string,
  members: readonly JsonMember[],
  keys: ReadonlySet<string>,
  former: (key: string) => string | undefined,
): string {
  const kept = members.filter(({ key }) => !keys.has(key) || former(key) !== undefined);
  const first = members[0];
  const last = members.at(-1);
  if (first === undefined || last === undefined) return text;
  let out = text.slice(0, first.start);
  for (const [place, member] of kept.entries()) {
    const at = members.indexOf(member);
    const lead = members[at - 1];
    // Between two members stand a comma and blanks; those of the later one are kept.
    if (place > 0 && lead !== undefined) out += text.slice(lead.end, member.start);
    const value = keys.has(member.key) ? former(member.key) : undefined;
    out += text.slice(member.start, member.valueStart) + (value ?? text.slice(member.valueStart, member.end));
  }
  return out + text.slice(last.end);
}

/** Reads the result again: nothing but the named keys may differ from theirs, and these must be as they were. */
function isSafe(
  text: string,
  theirs: readonly JsonMember[],
  keys: readonly string[],
  old: ReadonlyMap<string, JsonMember>,
): boolean {
  const members = jsonMembers(text);
  if (members === undefined) return false;
  const wanted = new Map<string, unknown>();
  for (const { key, value } of theirs) {
    const was = old.get(key);
    if (!keys.includes(key)) wanted.set(key, value);
    else if (was !== undefined) wanted.set(key, was.value);
  }
  return isDeepStrictEqual(new Map(members.map(({ key, value }) => [key, value])), wanted);
}

function saysTheSame(text: string, before: readonly JsonMember[] | undefined, hasBase: boolean): boolean {
  const values = (members: readonly JsonMember[]) => new Map(members.map(({ key, value }) => [key, value]));
  const now = jsonMembers(text) ?? [];
  if (!hasBase) return now.length === 0;
  return before !== undefined && isDeepStrictEqual(values(now), values(before));
}
