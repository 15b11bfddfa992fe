// npm run package: makes airlock.vsix from the files that vsix-files.txt names, no more and no fewer, without a warning.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { repository, vsix } from './places.mjs';

const mostBytes = 1.5 * 1024 * 1024;
const list = 'test/support/commands/vsix-files.txt';

/** Dependencies are in the bundles; the project has no public address yet that links could lead to. */
const flags = ['--no-dependencies'];
const packaging = [...flags, '--allow-missing-repository', '--no-rewrite-relative-links', '--out', vsix];

async function vsce(command: string, args: readonly string[]): Promise<string> {
  const program = `${repository}/node_modules/@vscode/vsce/vsce`;
  const run = await promisify(execFile)(process.execPath, [program, command, ...args], { cwd: repository });
  return run.stdout + run.stderr;
}

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .sort();

async function problems(): Promise<string[]> {
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

const found = await problems().catch((error: unknown) => [String(error)]);
for (const problem of found) console.error(problem);
process.exitCode = found.length > 0 ? 1 : 0;
