import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = join(import.meta.dirname, '../../../src/sandbox/process');
let bundled: Promise<{ supervisor: string; keeper: string }> | undefined;

/** The two programs of the built-in sandbox, bundled from this tree once per run. */
export function processPrograms(): Promise<{ supervisor: string; keeper: string }> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<{ supervisor: string; keeper: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-programs-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const programs = { supervisor: join(folder, 'supervisor.cjs'), keeper: join(folder, 'keeper.cjs') };
  const make = (entry: string, outfile: string) =>
    build({
      entryPoints: [join(source, entry)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
    });
  await Promise.all([make('inside/main.ts', programs.supervisor), make('keeper/main.ts', programs.keeper)]);
  return programs;
}
