import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { thisMachine } from '../../src/host/spawn.ts';
import { smolVmProvider } from '../../src/sandbox/smolvm/index.ts';
import { emulatorsOf } from '../../src/sandbox/smolvm/program/index.ts';
import { emulatorsBelow } from '../support/smolvm/emulators.ts';
import type { ProgramName } from '../support/smolvm/place.ts';
import { type PreparedRig, prepareRig } from '../support/smolvm/rig.ts';
import type { Harness } from './harness.ts';

const stateShape = z.object({ vmId: z.string() });

let rig: Promise<PreparedRig> | undefined;

/** Virtual machines of the published program of that name, on an emulated processor. */
export function smolvmHarness(name: ProgramName, module: string): Harness {
  const variable = `AIRLOCK_CONFORMANCE_SMOLVM_${name.toUpperCase()}`;
  const prepared = () => (rig ??= prepareRig());
  const ready = async () => {
    const found = await prepared();
    if (!found.ok) throw new Error(found.reason);
    return found.rig;
  };
  /** Other processes of one run find the storage by the environment. */
  const storage = () => (process.env[variable] ??= mkdtempSync(join(tmpdir(), 'airlock-smolvm-')));

  return {
    module,
    options: { settings: { os: 'alpine' }, toolchains: [] },
    scale: 'tenth',
    isSlow: true,
    killedAfterMs: [0, 2500],
    keepsTerminals: true,
    pauses: true,
    snapshots: true,
    attaches: true,
    holdsTerminalsBack: true,
    async provider() {
      const { program, home, data } = (await ready()).programs[name];
      return smolVmProvider({
        machine: thisMachine(),
        storage: storage(),
        path: () => program,
        home: () => home,
        variable: (wanted) => (wanted.endsWith('_DATA_DIR') ? data : undefined),
        log: (line) => {
          if (process.env['AIRLOCK_TEST_LOG'] !== undefined) console.error(line);
        },
      });
    },
    async unavailable() {
      const found = await prepared();
      return found.ok ? undefined : found.reason;
    },
    async severLink(sandbox) {
      const { vmId } = stateShape.parse(sandbox.state().data);
      for (const { pid } of await emulatorsOf(thisMachine(), vmId)) process.kill(pid, 'SIGKILL');
    },
    async leftRunning() {
      return emulatorsBelow((await ready()).folder).map(({ pid, args }) => `${pid} ${args.join(' ')}`);
    },
    cleanUp() {
      const folder = process.env[variable];
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      Reflect.deleteProperty(process.env, variable);
      return Promise.resolve();
    },
  };
}

/** The program under its first name. */
export const harness = smolvmHarness('smolvm', fileURLToPath(import.meta.url));
