import { foldKey } from '../paths.ts';
import type { SecretKind } from './types.ts';

/** Bytes that are looked at in one go, and how many of them are looked at again with the next ones. */
const windowBytes = 1024 * 1024;
const overlapBytes = 4096;

/**
 * What the issuers document about their own tokens: prefix, alphabet and length. A key's header alone is no key, so
 * code that merely names it passes; a line of key material must follow. No match is longer than 800 characters, so that
 * none is lost between two windows.
 */
const marks: readonly (readonly [RegExp, SecretKind])[] = [
  [
    /-----BEGIN (?:[A-Z0-9]{1,20} ){0,5}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[rn])[^]{0,300}?[A-Za-z0-9+/=]{30}/,
    'private-key',
  ],
  [/PuTTY-User-Key-File-[123]: /, 'private-key'],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/, 'private-key'],
  [/\b(?:AKIA|ASIA)(?![A-Z2-7]{9}EXAMPLE)[A-Z2-7]{16}\b/, 'token'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,255}\b/, 'token'],
  [/\bgithub_pat_[A-Za-z0-9_]{60,255}\b/, 'token'],
  [/\bgl(?:pat|dt|rt|cbt|ptt|soat)-[A-Za-z0-9_-]{20}/, 'token'],
  [/\bxox[abeprs]-[A-Za-z0-9-]{20}|\bxapp-\d-[A-Za-z0-9-]{20}/, 'token'],
  [/\b[rs]k_live_[A-Za-z0-9]{20}/, 'token'],
  [/\bsk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{1,20}-|or-v1-)?[A-Za-z0-9_-]{40}/, 'token'],
  [/\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/, 'token'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'token'],
  [/\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50}/, 'token'],
  [/\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/, 'token'],
  [/\bhf_[A-Za-z0-9]{34}/, 'token'],
  [/\bdop_v1_[a-f0-9]{64}\b/, 'token'],
  [/"private_key_id"\s{0,40}:\s{0,40}"[0-9a-f]{20,64}"/, 'credentials'],
];

/** Settings files that are harmless until they carry a login. A reference to the environment (`${…}`) is none. */
const logins: readonly (readonly [RegExp, RegExp])[] = [
  [/(?:^|\/)\.npmrc$/, /(?:^|[\n:])\s{0,80}_?(?:auth|authToken|password)\s{0,80}=\s{0,80}["']?(?!\$\{)[^\s"']{4}/i],
  [/(?:^|\/)\.yarnrc(?:\.yml)?$/, /npmAuth(?:Token|Ident)["']?\s{0,80}:?\s{0,80}["']?(?!\$\{)[^\s"'$]{4}/],
  [
    /(?:^|\/)(?:pip\.conf|pip\.ini|\.condarc|\.gemrc|nuget\.config|\.package-lock\.json|direct_url\.json|\.gitmodules)$/,
    /https?:\/\/[^\s/:@"']{1,200}:(?!\$\{)[^\s/@"']{4,400}@/,
  ],
  [
    /(?:^|\/)(?:appsettings(?:\.[^/]*)?\.json|web\.config|app\.config)$/,
    /(?:password|passwd|pwd|secret|api[-_]?key|access[-_]?key|account[-_]?key)["']?\s{0,40}[:=]\s{0,40}["']?(?!\$\{|%\(|\{\{|<)[^\s"';,{}]{4}/i,
  ],
  [
    /(?:^|\/)(?:gradle|local|key|keystore)\.properties$/,
    /(?:password|secret|token)[^\n=]{0,80}=[^\S\n]{0,40}(?!\$\{)[^\s$]{3}/i,
  ],
  [/(?:^|\/)settings(?:-security)?\.xml$/, /<(?:password|passphrase|master)>(?!\$\{)[^<\s]{3}/],
];

function loginsIn(folded: string): typeof logins {
  return logins.filter(([name]) => name.test(folded));
}

/** True for a settings file that is looked through for logins besides. */
export function mayCarryLogin(path: string): boolean {
  return loginsIn(foldKey(path)).length > 0;
}

/**
 * Looks through the bytes of one file as they come, all of them. UTF-16, as some editors save it, is looked through as
 * well.
 */
export class SecretScan {
  readonly #marks: typeof marks;
  #rest: Uint8Array = new Uint8Array(0);
  #isWide: boolean | undefined;
  #found: SecretKind | undefined;

  /** `path` names the file: settings files are looked through for logins besides. */
  constructor(path: string) {
    const folded = foldKey(path);
    const own = loginsIn(folded).map(([, login]) => [login, 'credentials'] as const);
    this.#marks = [...marks, ...own];
  }

  /** What was found so far. */
  get found(): SecretKind | undefined {
    return this.#found;
  }

  /** Takes the next bytes and answers with what was found so far. */
  take(bytes: Uint8Array): SecretKind | undefined {
    for (let from = 0; from < bytes.length && this.#found === undefined; from += windowBytes) {
      const window = Buffer.concat([this.#rest, bytes.subarray(from, from + windowBytes)]);
      this.#look(window, false);
      const cut = Math.max(0, window.length - overlapBytes);
      this.#rest = window.subarray(cut);
      // What stood before the cut is unknown from here on: no word may seem to begin there.
      if (cut > 0) this.#rest[0] = 0x78;
    }
    return this.#found;
  }

  /** Takes the last bytes, if any more: what seemed to go on beyond the former ones is whole now. */
  end(last: Uint8Array = new Uint8Array(0)): SecretKind | undefined {
    const room = Math.max(0, last.length - windowBytes);
    this.take(last.subarray(0, room));
    if (this.#found === undefined) this.#look(Buffer.concat([this.#rest, last.subarray(room)]), true);
    return this.#found;
  }

  #look(window: Buffer, isEnd: boolean): void {
    const raw = window.toString('latin1');
    this.#isWide ??= raw.startsWith('\xff\xfe') || raw.startsWith('\xfe\xff');
    const text = this.#isWide ? raw.replaceAll('\0', '') : raw;
    const mark = this.#marks.find(([pattern]) => {
      const match = pattern.exec(text);
      return match !== null && (isEnd || match.index + match[0].length < text.length);
    });
    this.#found ??= mark?.[1];
  }
}

/** What a whole file's bytes hold, or undefined where nothing looks like a secret. */
export function secretContent(path: string, bytes: Uint8Array): SecretKind | undefined {
  return new SecretScan(path).end(bytes);
}
