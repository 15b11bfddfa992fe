import { globSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { processTable, withDescendants } from './processTable.ts';

const recordShape = z.object({
  sandbox: z.object({ data: z.object({ keeper: z.object({ pid: z.int().positive() }) }) }),
});

/**
 * Process ids of the built-in sandboxes that the sessions in an extension's storage have: each keeper, and all that it
 * started.
 *
 * @param storage the extension's global storage folder
 * @param command part of the command lines that are wanted, its words parted by NUL
 */
export function sandboxProcesses(storage: string, command = ''): number[] {
  const all = withDescendants(keepers(storage), processTable()).map(({ pid }) => pid);
  return command === '' ? all : all.filter((pid) => commandLine(pid).includes(command));
}

/** Linux only. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The processes that the records of an extension's sessions name as keepers; not all of them need still run. */
export function keepers(storage: string): number[] {
  return globSync(`${storage}/v1/sessions/*/record.json`).flatMap(keeperOf);
}

function keeperOf(record: string): number[] {
  try {
    return [recordShape.parse(JSON.parse(readFileSync(record, 'utf8'))).sandbox.data.keeper.pid];
  } catch {
    // A session without a sandbox, or one that is being deleted.
    return [];
  }
}

/** Those of the given processes that still run. */
export function running(pids: readonly number[]): number[] {
  const table = processTable();
  return pids.filter((pid) => table.has(pid));
}
