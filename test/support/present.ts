import assert from 'node:assert/strict';

/** The value, which the test fails without. */
export function present<T>(value: T | undefined | null): T {
  assert.ok(value !== undefined && value !== null, 'a value is there');
  return value;
}
