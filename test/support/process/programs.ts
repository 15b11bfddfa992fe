import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePrograms } from '../programs.ts';

let bundled: Promise<{ supervisor: string; keeper: string }> | undefined;

/** The two programs of the built-in sandbox, bundled from this tree once per run. */
export function processPrograms(): Promise<{ supervisor: string; keeper: string }> {
  if (bundled === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'airlock-programs-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    bundled = bundlePrograms(folder);
  }
  return bundled;
}
