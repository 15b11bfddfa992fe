// npm run package: builds, and makes airlock.vsix from the files that vsix-files.txt names, no more and no fewer, without a
// warning.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { repository, vsix } from './places.mjs';
import { runShown } from './shown.mjs';

const mostBytes = 1.5 * 1024 * 1024;
const list = 'test/support/commands/vsix-files.txt';

/** Dependencies are in the bundles; the project has no public address yet that links could lead to. */
const flags = ['--no-dependencies'];
const packaging = [...flags, '--allow-missing-repository', '--no-rewrite-relative-links', '--out', vsix];

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .sort();

/** Everything that may be packaged lies below these, by the list of what is not ignored. */
function wantedPlaces(ignoreFile: string): ReadonlySet<string> {
  const kept = lines(ignoreFile).filter((line) => line.startsWith('!'));
  return new Set(kept.map((line) => line.slice(1).split('/')[0] ?? ''));
}

/** What may be packaged, alone: the packager walks all of its folder, and here most is dependencies and what was fetched. */
async function copyOfWanted(): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/airlock-package-`);
  const ignoreFile = await readFile(`${repository}/.vscodeignore`, 'utf8');
  for (const place of ['.vscodeignore', ...wantedPlaces(ignoreFile)]) {
    await cp(`${repository}/${place}`, `${folder}/${place}`, { recursive: true });
  }
  return folder;
}

async function problemsIn(folder: string): Promise<string[]> {
  const vsce = async (command: string, args: readonly string[]): Promise<string> => {
    const program = `${repository}/node_modules/@vscode/vsce/vsce`;
    const run = await promisify(execFile)(process.execPath, [program, command, ...args], { cwd: folder });
    return run.stdout + run.stderr;
  };
  const locked = lines(await readFile(`${repository}/${list}`, 'utf8'));
  const present = lines(await vsce('ls', flags));
  const wrong = [
    ...present.filter((file) => !locked.includes(file)).map((file) => `${file} is not in ${list}`),
    ...locked.filter((file) => !present.includes(file)).map((file) => `${file} of ${list} is missing`),
  ];
  const said = await vsce('package', packaging);
  const { size } = await stat(vsix);
  console.log(`${vsix}: ${present.length} files, ${(size / 1024).toFixed(0)} KB`);
  if (/warning/i.test(said)) wrong.push(`vsce warns:\n${said}`);
  if (size > mostBytes) wrong.push(`The VSIX has ${size} bytes, more than ${mostBytes}`);
  return wrong;
}

async function problems(): Promise<string[]> {
  const code = await runShown(process.execPath, [`${repository}/esbuild.config.js`], { cwd: repository });
  if (code !== 0) return ['The build failed.'];
  const folder = await copyOfWanted();
  try {
    return await problemsIn(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const found = await problems().catch((error: unknown) => [String(error)]);
for (const problem of found) console.error(problem);
process.exitCode = found.length > 0 ? 1 : 0;
