declare const brand: unique symbol;

/** A string that only its own parser or mint may produce. */
export type Brand<Name extends string> = string & { readonly [brand]: Name };

export type SessionId = Brand<'session'>;
export type OpId = Brand<'op'>;
export type TurnId = Brand<'turn'>;
export type ChangeSetId = Brand<'change-set'>;
export type CheckpointId = Brand<'checkpoint'>;

const prefixes = { session: 's', op: 'op', turn: 't', 'change-set': 'cs', checkpoint: 'cp' } as const;

/**
 * Mints a fresh identifier, such as `op-0f3a…`: a prefix that names the kind, then 20 random hexadecimal digits.
 */
export function mintId<Name extends keyof typeof prefixes>(kind: Name): Brand<Name> {
  const random = globalThis.crypto.randomUUID().replaceAll('-', '').slice(0, 20);
  return `${prefixes[kind]}-${random}` as Brand<Name>;
}

/** Reads back an identifier of the given kind, or returns undefined when `text` cannot be one. */
export function parseId<Name extends keyof typeof prefixes>(kind: Name, text: string): Brand<Name> | undefined {
  return new RegExp(`^${prefixes[kind]}-[0-9a-f]{20}$`).test(text) ? (text as Brand<Name>) : undefined;
}
