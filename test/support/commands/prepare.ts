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

/** macOS has a sandbox of its own, and runs no test that needs the tools of Linux. */
const onlyOnLinux = ['bwrap', 'busybox'];

/**
 * Installs what the layers need, where this machine and user allow it, before the first test runs.
 *
 * @returns whether everything is there; of what is missing, the command that would install it is printed
 */
export async function prepare(layers: ReadonlySet<string>): Promise<boolean> {
  const named = new Set([...layers].flatMap((layer) => programs[layer] ?? []));
  const wanted = [...named].filter((name) => process.platform === 'linux' || !onlyOnLinux.includes(name));
  let isComplete = true;
  for (const name of wanted) {
    if ((await ensureProgram(name)) !== undefined) continue;
    console.error(`${name} is missing. To install it:\n  ${fixFor(name)}`);
    isComplete = false;
  }
  return isComplete;
}
