import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateIntent, Created, Provider, Sandbox } from '../../src/core/sandbox.ts';
import { celestoProvider } from '../../src/sandbox/celesto/index.ts';
import { type CelestoDouble, type CelestoDoubleOptions, startCelestoDouble } from '../support/celesto/double.ts';
import { cuttable, type Cuttable } from '../support/cuttable.ts';
import { present } from '../support/present.ts';
import { eventually, sh } from './running.ts';
import { never, newIntent } from './harness.ts';

/** One person's account: a double of the service, and the driver at it over connections that can be cut. */
export class CelestoDesk {
  readonly double: CelestoDouble;
  readonly wire: Cuttable;
  readonly provider: Provider;
  readonly lines: string[] = [];
  /** The key that the person is signed in with. */
  apiKey: string;
  /** The address that is set. */
  baseUrl: string;
  readonly #storage = mkdtempSync(join(tmpdir(), 'airlock-celesto-'));
  readonly #made: Sandbox[] = [];

  private constructor(double: CelestoDouble) {
    this.double = double;
    this.apiKey = double.apiKey;
    this.baseUrl = double.url;
    this.wire = cuttable();
    this.provider = celestoProvider({
      baseUrl: () => this.baseUrl,
      keys: { read: () => Promise.resolve({ value: this.apiKey }) },
      dispatcher: this.wire.agent,
      storage: this.#storage,
      log: (line) => this.lines.push(line),
    });
  }

  static async open(options: CelestoDoubleOptions = {}): Promise<CelestoDesk> {
    return new CelestoDesk(await startCelestoDouble(options));
  }

  async create(settings: Record<string, unknown> = {}, intent: CreateIntent = newIntent()): Promise<Created> {
    const created = await this.provider.create({ settings, toolchains: [] }, intent, () => undefined, never);
    if (created.kind === 'ready') this.#made.push(created.sandbox);
    return created;
  }

  /** A sandbox, or the test fails with the problem's sentence. */
  async sandbox(settings: Record<string, unknown> = {}): Promise<Sandbox> {
    const created = await this.create(settings);
    if (created.kind !== 'ready') assert.fail(created.problem.detail);
    return created.sandbox;
  }

  /** Requests that were sent while `work` went on, as `METHOD path`. */
  async requestsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = this.double.requests.length;
    await work();
    return this.double.requests.slice(before).map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`);
  }

  /** Waits until no terminal is open and no process runs in the computer that one of them started. */
  async nothingOfTerminals(sandbox: Sandbox): Promise<void> {
    const marked = `for p in /proc/[0-9]*; do tr '\\000' '\\n' <$p/environ | grep -q ^AIRLOCK_TERMINAL= && echo $p; done 2>/dev/null; true`;
    const terminals = () => this.double.terminals(present(this.double.computers()[0]).id);
    await eventually(async () => terminals().length === 0 && (await sh(sandbox, marked)) === '');
  }

  /** Deletes what is left, and fails where a computer stays behind. */
  async close(): Promise<void> {
    this.double.knobs.faults = [];
    this.apiKey = this.double.apiKey;
    this.baseUrl = this.double.url;
    for (const sandbox of this.#made.splice(0)) await sandbox.delete(never);
    const left = this.double.computers();
    await this.double.close();
    await this.wire.agent.destroy();
    rmSync(this.#storage, { recursive: true, force: true });
    assert.deepEqual(left, []);
  }
}
