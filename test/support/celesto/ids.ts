import { randomBytes } from 'node:crypto';

/** A random id with the prefix that names its kind. */
export function freshId(prefix: string): string {
  return `${prefix}_${randomBytes(9).toString('hex')}`;
}
