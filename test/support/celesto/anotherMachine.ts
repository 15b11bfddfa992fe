import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider, Sandbox } from '../../../src/core/sandbox.ts';
import { celestoProvider } from '../../../src/sandbox/celesto/index.ts';
import { mintId } from '../../../src/shared/ids.ts';
import type { CelestoDouble } from './double.ts';

const never = new AbortController().signal;

/** The same person at another machine: the driver with notes of its own, at the same account. */
export class AnotherMachine {
  readonly #storage = mkdtempSync(join(tmpdir(), 'airlock-elsewhere-'));
  readonly #provider: Provider;

  constructor({ apiKey, url }: CelestoDouble) {
    this.#provider = celestoProvider({
      baseUrl: () => url,
      keys: { read: () => Promise.resolve({ value: apiKey }) },
      storage: this.#storage,
      log: () => undefined,
    });
  }

  /** Makes a computer, runs a script in it, and leaves it stopped. */
  async leaveComputer(settings: Record<string, unknown>, script: string): Promise<void> {
    const intent = { session: mintId('session'), key: mintId('op') };
    const created = await this.#provider.create({ settings, toolchains: [] }, intent, () => undefined, never);
    assert.ok(created.kind === 'ready', created.kind === 'ready' ? '' : created.problem.detail);
    await run(created.sandbox, script);
    assert.deepEqual(await created.sandbox.stop(never), { kind: 'done' });
    await created.sandbox.detach();
  }

  /** Deletes every computer of the account. */
  async deleteAll(): Promise<void> {
    for (const { state } of await this.#provider.inventory(never)) {
      assert.deepEqual(await this.#provider.remove(state, never), { kind: 'done' });
    }
  }

  close(): void {
    rmSync(this.#storage, { recursive: true, force: true });
  }
}

async function run(sandbox: Sandbox, script: string): Promise<void> {
  const { workspaceRoot: cwd } = sandbox;
  const exec = sandbox.exec({ op: mintId('op'), run: { argv: ['sh', '-ec', script] }, cwd, onLinkLoss: 'kill' });
  let said = '';
  for await (const { bytes } of exec.output) said += Buffer.from(bytes).toString();
  assert.deepEqual(await exec.outcome, { kind: 'exited', code: 0 }, said);
}
