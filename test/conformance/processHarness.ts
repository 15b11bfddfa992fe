import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { thisMachine } from '../../src/host/spawn.ts';
import type { Provider } from '../../src/core/sandbox.ts';
import { processProvider, type ProcessProviderParts } from '../../src/sandbox/process/index.ts';
import { leftRunning } from '../support/process/leftRunning.ts';
import { bundlePrograms } from '../support/programs.ts';
import { World } from '../support/network/world.ts';
import { never, type Harness } from './harness.ts';

const world = new World();

const folderVariable = 'AIRLOCK_CONFORMANCE_FOLDER';

/** Holds storage and programs. Other processes of one run find it by the environment. */
async function sharedFolder(): Promise<string> {
  const known = process.env[folderVariable];
  if (known !== undefined) return known;
  const made = mkdtempSync(join(tmpdir(), 'airlock-conformance-'));
  process.env[folderVariable] = made;
  chmodSync(made, 0o711);
  mkdirSync(join(made, 'storage'));
  await bundlePrograms(join(made, 'programs'));
  return made;
}

const runningState = z.object({ keeper: z.object({ pid: z.int().positive() }) });

async function providerWith(more: Pick<ProcessProviderParts, 'nodePty'>): Promise<Provider> {
  const folder = await sharedFolder();
  const program = (name: string) => join(folder, 'programs', `${name}.cjs`);
  return processProvider({
    machine: thisMachine(),
    storage: join(folder, 'storage'),
    programs: { supervisor: program('supervisor'), keeper: program('keeper') },
    log: () => undefined,
    keepAliveMs: 60_000,
    outside: world,
    ...more,
  });
}

/** The built-in sandbox, as the extension makes it. */
export const harness: Harness = {
  module: fileURLToPath(import.meta.url),
  options: { settings: {}, toolchains: [] },
  scale: 'full',
  world,
  keepsTerminals: true,
  holdsTerminalsBack: true,
  async provider() {
    return await providerWith({});
  },
  async unavailable() {
    if (process.platform !== 'linux') return 'not Linux';
    const probe = await (await this.provider()).probe(never);
    return probe.ready ? undefined : probe.problem.detail;
  },
  severLink(sandbox) {
    process.kill(runningState.parse(sandbox.state().data).keeper.pid, 'SIGKILL');
    return Promise.resolve();
  },
  async leftRunning() {
    return leftRunning(await sharedFolder());
  },
  cleanUp() {
    const folder = process.env[folderVariable];
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    Reflect.deleteProperty(process.env, folderVariable);
    return Promise.resolve();
  },
};

/** The same with other parts, such as the editor's own terminal module. */
export function harnessWith(more: Pick<ProcessProviderParts, 'nodePty'>): Harness {
  return { ...harness, provider: () => providerWith(more) };
}
