import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { celestoProvider } from '../../src/sandbox/celesto/index.ts';
import { type CelestoDouble, type CelestoDoubleOptions, startCelestoDouble } from '../support/celesto/double.ts';
import type { Harness } from './harness.ts';

const placeShape = z.object({ url: z.string(), apiKey: z.string(), storage: z.string() });
type Place = z.infer<typeof placeShape>;

const stateShape = z.object({ computerId: z.string() });

/** A harness whose service is at hand. */
export interface HostedHarness extends Harness {
  /** The double of this process. Throws where the harness belongs to another one, or cannot run here. */
  double(): Promise<CelestoDouble>;
}

/** Hosted computers, as the extension makes them, at a local double of their service with these knobs. */
export function celestoHarness(name: string, module: string, options: CelestoDoubleOptions): HostedHarness {
  const variable = `AIRLOCK_CONFORMANCE_CELESTO_${name}`;
  let double: CelestoDouble | undefined;

  /** Other processes of one run find the service and the storage by the environment. */
  const place = async (): Promise<Place> => {
    const known = process.env[variable];
    if (known !== undefined) return placeShape.parse(JSON.parse(known));
    double = await startCelestoDouble(options);
    const storage = mkdtempSync(join(tmpdir(), 'airlock-celesto-'));
    const made = { url: double.url, apiKey: double.apiKey, storage };
    process.env[variable] = JSON.stringify(made);
    return made;
  };

  return {
    module,
    options: { settings: {}, toolchains: [] },
    scale: 'tenth',
    attaches: true,
    async provider() {
      const { url, apiKey, storage } = await place();
      return celestoProvider({
        baseUrl: () => url,
        keys: { read: () => Promise.resolve({ value: apiKey }) },
        storage,
        log: (line) => {
          if (process.env['AIRLOCK_TEST_LOG'] !== undefined) console.error(line);
        },
      });
    },
    async double() {
      await place();
      if (double === undefined) throw new Error('The double belongs to another process.');
      return double;
    },
    async unavailable() {
      try {
        await place();
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    async severLink(sandbox) {
      const { url, apiKey } = await place();
      const { computerId } = stateShape.parse(sandbox.state().data);
      const headers = { authorization: `Bearer ${apiKey}` };
      const answer = await fetch(`${url}/v1/computers/${computerId}/stop`, { method: 'POST', headers });
      if (!answer.ok) throw new Error(await answer.text());
    },
    leftRunning() {
      return Promise.resolve((double?.computers() ?? []).map(({ id, status }) => `${id} ${status}`));
    },
    async cleanUp() {
      const known = process.env[variable];
      await double?.close();
      double = undefined;
      if (known !== undefined) rmSync(placeShape.parse(JSON.parse(known)).storage, { recursive: true, force: true });
      Reflect.deleteProperty(process.env, variable);
    },
  };
}

/** With every route that the service ever had. */
export const harness = celestoHarness('STREAM', fileURLToPath(import.meta.url), {});
