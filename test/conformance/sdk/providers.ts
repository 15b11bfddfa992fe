import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AirlockSandboxClient,
  CelestoSandboxClient,
  ProcessSandboxClient,
  SmolVMSandboxClient,
} from '../../../src/sdk.ts';
import { type CelestoDouble, startCelestoDouble } from '../../support/celesto/double.ts';
import { bundlePrograms } from '../../support/programs.ts';
import { rigPlaces } from '../../support/smolvm/launcher.ts';
import { harness as processHarness } from '../processHarness.ts';
import { harness as smolvmHarness } from '../smolvmHarness.ts';

/** A client by name, for the example program. Other processes make the same one from `name` and `folder`. */
export interface SdkProvider {
  readonly name: string;
  /** Why it cannot run here, if it cannot. */
  unavailable(): Promise<string | undefined>;
  /** Prepares a folder that all processes of a run share, and clears it away. */
  prepare(): Promise<string>;
  cleanUp(folder: string): Promise<void>;
  client(folder: string): AirlockSandboxClient;
  /** How long one test may take. */
  readonly timeoutMs: number;
  /** An option, a value of it that is right and one that is wrong. */
  readonly option: { readonly name: string; readonly right: number; readonly wrong: number };
}

/** Other processes of a run find the service in the variables that the client reads. */
let double: CelestoDouble | undefined;

/** On the published program that is kept for tests, which other processes of a run find where this one does. */
export const smolvmProvider: SdkProvider = {
  name: 'SmolVMSandboxClient',
  unavailable: () => smolvmHarness.unavailable(),
  prepare: () => Promise.resolve(mkdtempSync(join(tmpdir(), 'airlock-sdk-'))),
  async cleanUp(folder) {
    const left = await smolvmHarness.leftRunning();
    rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`Virtual machines were left: ${left.join(', ')}`);
  },
  client: (folder) => {
    const { program, home } = rigPlaces('smolvm');
    return new SmolVMSandboxClient({
      path: program,
      home,
      storage: folder,
      options: { os: 'alpine', bootTimeout: 300 },
    });
  },
  timeoutMs: 600_000,
  option: { name: 'memory', right: 640, wrong: 1 },
};

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
    timeoutMs: 240_000,
    option: { name: 'maxOpenFiles', right: 512, wrong: 1 },
  },
  {
    name: 'CelestoSandboxClient',
    unavailable: () => processHarness.unavailable(),
    async prepare() {
      double = await startCelestoDouble();
      process.env['CELESTO_API_KEY'] = double.apiKey;
      process.env['CELESTO_BASE_URL'] = `${double.url}/v1`;
      return mkdtempSync(join(tmpdir(), 'airlock-sdk-'));
    },
    async cleanUp(folder) {
      const left = double?.computers() ?? [];
      await double?.close();
      Reflect.deleteProperty(process.env, 'CELESTO_API_KEY');
      Reflect.deleteProperty(process.env, 'CELESTO_BASE_URL');
      rmSync(folder, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`Computers were left: ${JSON.stringify(left)}`);
    },
    client: (folder) => new CelestoSandboxClient({ storage: folder }),
    timeoutMs: 240_000,
    option: { name: 'memory', right: 2048, wrong: 1 },
  },
  smolvmProvider,
];
