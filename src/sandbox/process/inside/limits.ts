import { readFileSync } from 'node:fs';
import type { Limits } from '../wire.ts';

const mib = 1024 * 1024;

/**
 * Reads back what the starting shell set, since a shell that does not know an option may go on without the limit.
 * Answers the first limit that is not in force, or undefined.
 */
export function limitsNotInForce(wanted: Limits | undefined, table = ownTable): string | undefined {
  if (wanted === undefined) return undefined;
  const lines = table().split('\n');
  const expected: readonly (readonly [string, number])[] = [
    ['Max core file size', 0],
    ['Max data size', wanted.memoryMb * mib],
    ['Max processes', wanted.maxProcesses],
    ['Max file size', wanted.maxFileMb * mib],
    ['Max open files', wanted.maxOpenFiles],
  ];
  for (const [name, most] of expected) {
    const line = lines.find((text) => text.startsWith(name));
    const values = line === undefined ? [] : line.slice(name.length).trim().split(/\s+/).slice(0, 2);
    if (values.length !== 2 || !values.every((value) => Number(value) <= most)) return name;
  }
  return undefined;
}

function ownTable(): string {
  return readFileSync('/proc/self/limits', 'utf8');
}
