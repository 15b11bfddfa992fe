import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { relPath } from '../../../src/core/paths.ts';
import type { AirlockError } from '../../../src/core/problem.ts';
import type { FolderScan, LocalFolder, ScanOptions } from '../../../src/core/storage.ts';
import { localFolder } from '../../../src/host/folder.ts';
import { thisMachine } from '../../../src/host/spawn.ts';

export const machine = thisMachine();

/** Writes files (`null`: an empty folder), by relative path. */
export async function fill(root: string, files: Readonly<Record<string, string | Buffer | null>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(content === null ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (content !== null) await writeFile(join(root, path), content);
  }
}

/** Runs the person's own git, with everything that it would run by itself. */
export async function git(cwd: string, ...args: readonly string[]): Promise<void> {
  const program = (await machine.find('git')) ?? assert.fail('git is needed');
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main'];
  const ran = await machine.run({ program, args: [...who, ...args], cwd });
  assert.equal(ran.code, 0, Buffer.from(ran.stderr).toString());
}

export const opened = (path: string, trusted = true): LocalFolder =>
  localFolder({ uri: `file://${path}`, path, name: 'project' }, machine, () => trusted);

export function scan(path: string, more: Partial<ScanOptions> & { trusted?: boolean } = {}): Promise<FolderScan> {
  const { signal } = new AbortController();
  return opened(path, more.trusted).scan({ withDependencies: true, maxFileBytes: 1000, signal, ...more });
}

export const filesOf = ({ files }: FolderScan) => files.map(({ path }) => path as string).sort();
export const heldOf = ({ held }: FolderScan) => Object.fromEntries(held.map(({ path, rule }) => [path, rule]));
export async function read(folder: LocalFolder, path: string): Promise<string> {
  const parts = [];
  for await (const part of folder.read(relPath(path))) parts.push(part);
  return Buffer.concat(parts).toString();
}
export const notFound = (error: AirlockError) => error.problem.id === 'not-found';
