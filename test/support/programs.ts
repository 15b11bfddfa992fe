import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles the two programs of the built-in sandbox from their sources into `folder`, so that tests never meet an older
 * build of them.
 */
export async function bundlePrograms(folder: string): Promise<{ supervisor: string; keeper: string }> {
  mkdirSync(folder, { recursive: true });
  const programs = { supervisor: `${folder}/supervisor.cjs`, keeper: `${folder}/keeper.cjs` };
  const entries = { [programs.supervisor]: 'inside', [programs.keeper]: 'keeper' };
  await Promise.all(
    Object.entries(entries).map(([outfile, name]) =>
      build({
        absWorkingDir: repository,
        entryPoints: [`src/sandbox/process/${name}/main.ts`],
        outfile,
        bundle: true,
        platform: 'node',
        format: 'cjs',
        target: 'node22',
        logLevel: 'warning',
      }),
    ),
  );
  return programs;
}
