declare const sealed: unique symbol;

/** A value that a sandbox made. Only a parser may open it, with {@link openHostile}. */
export interface Hostile<T> {
  readonly [sealed]: T;
}

/** Marks a value as made by a sandbox. */
export function hostile<T>(value: T): Hostile<T> {
  return value as unknown as Hostile<T>;
}

/** Opens a hostile value. For parsers only: whoever calls this bounds, checks and types what comes out. */
export function openHostile<T>(value: Hostile<T>): T {
  return value as unknown as T;
}
