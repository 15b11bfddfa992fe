import { foldKey } from '../paths.ts';
import type { SecretKind } from './types.ts';

/** Bytes from the start of a file that {@link secretContent} looks at. */
export const scannedBytes = 256 * 1024;

/**
 * What the issuers document about their own tokens: prefix, alphabet and length. A key's header alone is no key, so
 * code that merely names it passes; a line of key material must follow.
 */
const marks: readonly (readonly [RegExp, SecretKind])[] = [
  [/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[rn])[^]{0,300}?[A-Za-z0-9+/=]{30}/, 'private-key'],
  [/PuTTY-User-Key-File-[123]: /, 'private-key'],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/, 'private-key'],
  [/\b(?:AKIA|ASIA)(?![A-Z2-7]{9}EXAMPLE)[A-Z2-7]{16}\b/, 'token'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_[A-Za-z0-9_]{60,255}\b/, 'token'],
  [/\bgl(?:pat|dt|rt|cbt|ptt|soat)-[A-Za-z0-9_-]{20,}/, 'token'],
  [/\bxox[abeprs]-[A-Za-z0-9-]{20,}|\bxapp-\d-[A-Za-z0-9-]{20,}/, 'token'],
  [/\b[rs]k_live_[A-Za-z0-9]{20,}/, 'token'],
  [/\bsk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]+-|or-v1-)?[A-Za-z0-9_-]{40,}/, 'token'],
  [/\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/, 'token'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'token'],
  [/\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}/, 'token'],
  [/\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/, 'token'],
  [/\bhf_[A-Za-z0-9]{34,}\b/, 'token'],
  [/\bdop_v1_[a-f0-9]{64}\b/, 'token'],
  [/"private_key_id"\s*:\s*"[0-9a-f]{20,}"/, 'credentials'],
];

/** Settings files that are harmless until they carry a login. A reference to the environment (`${…}`) is none. */
const logins: readonly (readonly [RegExp, RegExp])[] = [
  [/(?:^|\/)\.npmrc$/, /(?:^|[\n:])\s*_?(?:auth|authToken|password)\s*=\s*["']?(?!\$\{)[^\s"']{4}/i],
  [/(?:^|\/)\.yarnrc(?:\.yml)?$/, /npmAuth(?:Token|Ident)["']?\s*:?\s*["']?(?!\$\{)[^\s"'$]{4}/],
  [/(?:^|\/)(?:pip\.conf|pip\.ini|\.condarc|\.gemrc|nuget\.config)$/, /https?:\/\/[^\s/:@]+:(?!\$\{)[^\s/@]{4,}@/],
];

/**
 * What the first {@link scannedBytes} bytes of a file hold, or undefined where nothing looks like a secret. UTF-16, as
 * some editors save it, is looked through as well.
 */
export function secretContent(path: string, bytes: Uint8Array): SecretKind | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, scannedBytes));
  const raw = head.toString('latin1');
  const text = raw.startsWith('\xff\xfe') || raw.startsWith('\xfe\xff') ? raw.replaceAll('\0', '') : raw;
  const found = marks.find(([mark]) => mark.test(text));
  if (found !== undefined) return found[1];
  const folded = foldKey(path);
  return logins.some(([name, login]) => name.test(folded) && login.test(text)) ? 'credentials' : undefined;
}
