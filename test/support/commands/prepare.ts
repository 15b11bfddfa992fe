import { ensureProgram, fixFor } from './system.mjs';

/** Programs that a layer of tests, or the demo, uses beside Node. */
const programs: Readonly<Record<string, readonly string[]>> = {
  unit: ['git', 'bwrap', 'busybox'],
  conformance: ['git', 'bwrap', 'busybox'],
  integration: ['git', 'bwrap'],
  e2e: ['git', 'bwrap'],
  demo: ['git', 'bwrap'],
  soak: ['git', 'bwrap', 'busybox'],
};

/** Installs what the layers need, where this machine and user allow it, before the first test runs. */
export async function prepare(layers: ReadonlySet<string>): Promise<void> {
  const wanted = new Set([...layers].flatMap((layer) => programs[layer] ?? []));
  for (const name of wanted) {
    if (process.platform !== 'linux') continue;
    if ((await ensureProgram(name)) === undefined) console.log(`${name} is missing: ${fixFor(name)}`);
  }
}
