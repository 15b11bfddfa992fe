import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GuestPath, guestPath } from '../../src/core/paths.ts';
import type { Exec, ExecRequest } from '../../src/core/sandbox.ts';
import { skipBecause } from './commands/results.ts';
import { busyboxPath, localExec } from './localExec.ts';

/** A folder of its own, with a root inside it that is not there yet, and an exec with one set of tools. */
export interface BulkBench {
  /** With `uid`, as that user. */
  readonly exec: (request: ExecRequest, uid?: number) => Exec;
  readonly folder: string;
  readonly root: GuestPath;
  /** Names beside the root: what an upload left behind. */
  readonly parent: string;
  remove(): void;
}

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs `tests` once with this machine's tools and once with busybox alone (skipped where busybox is missing). */
export function withEachToolSet(tests: (bench: () => BulkBench) => void): void {
  for (const tools of ['system', 'busybox'] as const) {
    describe(`with the ${tools} tools`, function () {
      let bench: BulkBench | undefined;
      beforeEach(function () {
        bench = makeBench(tools);
        if (bench === undefined) skipBecause(this, 'busybox is not installed');
      });
      afterEach(() => bench?.remove());
      tests(() => {
        if (bench === undefined) throw new Error('no bench');
        return bench;
      });
    });
  }
}

function makeBench(tools: 'system' | 'busybox'): BulkBench | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'airlock-bulk-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  const path = tools === 'system' ? systemPath : busyboxPath(folder);
  if (path === undefined) {
    remove();
    return undefined;
  }
  const home = join(folder, 'home');
  const parent = join(folder, 'workspace');
  mkdirSync(home);
  mkdirSync(parent);
  return { exec: localExec({ path, home }), folder, parent, root: guestPath(join(parent, 'my project')), remove };
}

/** Writes files below the root, past the program under test. */
export function plant(bench: BulkBench, files: Record<string, string>): void {
  mkdirSync(bench.root, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(bench.root, name)), { recursive: true });
    writeFileSync(join(bench.root, name), content);
  }
}
