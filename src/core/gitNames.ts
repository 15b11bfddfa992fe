import { foldKey } from './paths.ts';

/** `.git`, its NTFS short name, and both with the endings that Windows file systems ignore. */
const gitName = /^(?:\.git|git~\d+)[. ]*(?::.*)?$/;

/**
 * True for every name that is `.git` on some file system: other case, ignorable characters (HFS+), trailing dots and
 * spaces, streams and short names (NTFS). The rules are those of git's core.protectHFS and core.protectNTFS, applied on
 * every system.
 */
export function isGitName(part: string): boolean {
  return gitName.test(foldKey(part));
}

/** True when a part of the path names a `.git` on some file system. */
export function isUnderGit(path: string): boolean {
  return path.split('/').some(isGitName);
}
