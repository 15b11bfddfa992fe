import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AirlockSandboxClient, ProcessSandboxClient } from '../../../src/sdk.ts';
import { bundlePrograms } from '../../support/programs.ts';
import { harness as processHarness } from '../processHarness.ts';

/** A client by name, for the example program. Other processes make the same one from `name` and `folder`. */
export interface SdkProvider {
  readonly name: string;
  /** Why it cannot run here, if it cannot. */
  unavailable(): Promise<string | undefined>;
  /** Prepares a folder that all processes of a run share, and clears it away. */
  prepare(): Promise<string>;
  cleanUp(folder: string): Promise<void>;
  client(folder: string): AirlockSandboxClient;
}

export const sdkProviders: readonly SdkProvider[] = [
  {
    name: 'ProcessSandboxClient',
    unavailable: () => processHarness.unavailable(),
    async prepare() {
      const folder = mkdtempSync(join(tmpdir(), 'airlock-sdk-'));
      chmodSync(folder, 0o711);
      mkdirSync(join(folder, 'storage'));
      await bundlePrograms(join(folder, 'programs'));
      return folder;
    },
    async cleanUp(folder) {
      await processHarness.cleanUp();
      rmSync(folder, { recursive: true, force: true });
    },
    client: (folder) =>
      new ProcessSandboxClient({ storage: join(folder, 'storage'), programs: join(folder, 'programs') }),
  },
];
