import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { withLock } from '../commands/lock.mjs';
import { installApart } from '../commands/npm.mjs';
import { cache, repository } from '../commands/places.mjs';

const manifestShape = z.object({ devDependencies: z.record(z.string(), z.string()) });

/** Puts the packages that a fixture's manifest names into a copy of it; they are fetched once from npm. */
export async function installInto(folder: string, fixture: string): Promise<void> {
  const manifest = await readFile(`${repository}/test/fixtures/${fixture}/package.json`, 'utf8');
  const { devDependencies } = manifestShape.parse(JSON.parse(manifest));
  const packages = Object.entries(devDependencies).map(([name, version]) => `${name}@${version}`);
  const fetched = `${cache}/${fixture}`;
  const done = `${fetched}/installed`;
  await withLock(fixture, async () => {
    if (existsSync(done) && (await readFile(done, 'utf8')) === packages.join(' ')) return;
    console.log(`Fetching ${packages.join(', ')} from npm ...`);
    await installApart(fetched, packages);
    await writeFile(done, packages.join(' '));
  });
  await cp(`${fetched}/node_modules`, `${folder}/node_modules`, { recursive: true, verbatimSymlinks: true });
}
