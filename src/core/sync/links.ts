import { posix } from 'node:path';

/** Where a link leads as it is written, below the root; empty for the root itself, undefined for all that is outside. */
export function linkTarget(link: string, target: string): string | undefined {
  if (target === '' || target.startsWith('/')) return undefined;
  const path = posix.join(posix.dirname(link), target).replace(/\/+$/, '');
  if (path === '.') return '';
  return path === '..' || path.startsWith('../') ? undefined : path;
}
