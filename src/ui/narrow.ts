import { parseRelPath, type RelPath } from '../core/paths.ts';

/*
 * What the editor keeps for us, told apart by hand: these few shapes are read while a window starts, and a schema library
 * takes longer to load than all the rest.
 */

/** The value where it is a text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value where it is a list of texts. */
export function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one: unknown) => typeof one === 'string') ? value : undefined;
}

/** A member of the value; undefined where the value is no object or has no such member of its own. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** The path where the text is one, for `flatMap`. */
export function relPathIn(text: string): RelPath[] {
  const parsed = parseRelPath(text);
  return parsed.ok ? [parsed.path] : [];
}
