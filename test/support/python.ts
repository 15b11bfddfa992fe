import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { withLock } from './commands/lock.mjs';
import { cache } from './commands/places.mjs';
import { ensureFound, fixFor } from './commands/system.mjs';

const run = promisify(execFile);
const candidates = ['python3.11', 'python3.12', 'python3.13', 'python3'];
const oldest = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 11) else 1)';

/** A Python with packages of its own, or the sentence on why there is none. */
export type Python = { readonly ok: true; readonly program: string } | { readonly ok: false; readonly reason: string };

/**
 * Installs packages into an environment of their own below the cache, once for each content of the list.
 *
 * @param name names the environment
 * @param requirements path of a list of packages with their exact versions
 */
export async function installPython(name: string, requirements: string): Promise<Python> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = `${cache}/python/${name}-${hash}`;
  const program = `${folder}/bin/python`;
  const done = `${folder}/installed`;
  const isDone = () =>
    readFile(done).then(
      () => true,
      () => false,
    );
  if (await isDone()) return { ok: true, program };
  const base = await ensureFound('python3', findPython);
  if (base === undefined) {
    return { ok: false, reason: `Python 3.11 or newer with its venv module is missing: ${fixFor('python3')}` };
  }
  return withLock(`python-${name}`, async (): Promise<Python> => {
    if (await isDone()) return { ok: true, program };
    console.log(`Installing the packages of ${name} for Python ...`);
    try {
      await rm(folder, { recursive: true, force: true });
      await run(base, ['-m', 'venv', folder]);
      const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
      await run(program, [...pip, '--requirement', requirements]);
      await writeFile(done, '');
      return { ok: true, program };
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
      return {
        ok: false,
        reason: `The packages of ${name} cannot be installed: ${said.trim().split('\n').at(-1) ?? ''}`,
      };
    }
  });
}

async function findPython(): Promise<string | undefined> {
  for (const name of candidates) {
    const fits = await run(name, ['-c', oldest]).then(
      () => true,
      () => false,
    );
    if (fits) return name;
  }
  return undefined;
}
