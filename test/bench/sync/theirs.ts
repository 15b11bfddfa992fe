import { join } from 'node:path';
import { thisMachine } from '../../../src/host/index.ts';
import type { CelestoDouble } from '../../support/celesto/double.ts';
import { OfficialClient } from '../../support/celesto/officialClient.ts';

/** A started session of the published client of 0.0.14, with the files of a folder packed as it takes them. */
export class TheirSide {
  readonly computer: string;
  readonly #client: OfficialClient;
  readonly #source: string;
  readonly #scratch: string;

  private constructor(client: OfficialClient, computer: string, source: string, scratch: string) {
    this.#client = client;
    this.computer = computer;
    this.#source = source;
    this.#scratch = scratch;
  }

  static async open(double: CelestoDouble, source: string, scratch: string): Promise<TheirSide> {
    const client = await OfficialClient.open('agents', double, (reason) => {
      throw new Error(reason);
    });
    await client.call('create', { name: 'one' });
    return new TheirSide(client, String(await client.call('start', { name: 'one' })), source, scratch);
  }

  /** Sends all files in; answers its milliseconds, without those of packing. */
  async hydrate(): Promise<number> {
    const archive = join(this.#scratch, 'theirs.tar');
    await thisMachine().run({ program: 'tar', args: ['-cf', archive, '-C', this.#source, '.'] });
    return Number(await this.#client.call('hydrate_from', { name: 'one', path: archive }));
  }

  /** Gets all files, which is how it learns of any change; answers its milliseconds, without those of comparing. */
  async persist(): Promise<number> {
    const archive = join(this.#scratch, 'persisted.tar');
    return Number(await this.#client.call('persist_to', { name: 'one', path: archive }));
  }

  async close(): Promise<void> {
    await this.#client.call('close', { name: 'one' });
    await this.#client.call('delete', { name: 'one' });
    await this.#client.close();
  }
}
