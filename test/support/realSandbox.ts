import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { thisMachine } from '../../src/host/spawn.ts';
import { processProvider } from '../../src/sandbox/process/index.ts';
import { mintId } from '../../src/shared/ids.ts';
import { onlyOnLinux, skipBecause } from './commands/results.ts';
import { processPrograms } from './process/programs.ts';

const never = new AbortController().signal;

/** A built-in sandbox for one suite. Call it in a `before` hook; skips the suite where there can be none. */
export async function realSandbox(context: Mocha.Context): Promise<Sandbox> {
  onlyOnLinux(context);
  const folder = mkdtempSync(join(tmpdir(), 'airlock-real-'));
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'storage'));
  const provider = processProvider({
    machine: thisMachine(),
    storage: join(folder, 'storage'),
    programs: await processPrograms(),
    log: () => undefined,
    keepAliveMs: 30_000,
  });
  const probe = await provider.probe(never);
  if (!probe.ready) return skipBecause(context, probe.problem.detail);
  const options = { settings: {}, toolchains: [] };
  const intent = { session: mintId('session'), key: crypto.randomUUID() };
  const created = await provider.create(options, intent, () => undefined, never);
  if (created.kind !== 'ready') throw new Error(created.problem.detail);
  const { sandbox } = created;
  folders.set(sandbox, folder);
  return sandbox;
}

const folders = new WeakMap<Sandbox, string>();

/** Deletes a sandbox of {@link realSandbox} with all that was made for it. */
export async function deleteSandbox(sandbox: Sandbox | undefined): Promise<void> {
  if (sandbox === undefined) return;
  const settled = await sandbox.delete(never);
  if (settled.kind !== 'done') throw new Error(settled.problem.detail);
  rmSync(folders.get(sandbox) ?? '', { recursive: true, force: true });
}
