import { globSync, readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const recordShape = z.object({
  sandbox: z.object({ data: z.object({ keeper: z.object({ pid: z.int().positive() }) }) }),
});

/**
 * Process ids of the built-in sandboxes that the sessions in an extension's storage have: each keeper, and all that it
 * started. Linux only.
 *
 * @param storage the extension's global storage folder
 */
export function sandboxProcesses(storage: string): number[] {
  const records = globSync(`${storage}/v1/sessions/*/record.json`).map((path) => {
    const parsed = recordShape.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data.sandbox.data.keeper.pid : undefined;
  });
  return records.filter((pid) => pid !== undefined).flatMap(withDescendants);
}

/** Those of the given processes that still run. */
export function running(pids: readonly number[]): number[] {
  return pids.filter((pid) => statOf(pid) !== undefined);
}

function withDescendants(pid: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = all.filter((one) => statOf(one)?.parent === pid);
  return [pid, ...children.flatMap(withDescendants)];
}

/** A process that is no zombie. */
function statOf(pid: number): { parent: number } | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return state === 'Z' ? undefined : { parent: Number(parent) };
  } catch {
    return undefined;
  }
}
