import { chmodSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { guestPath, relPath, type RelPath } from '../../../../../src/core/paths.ts';
import {
  hostile,
  openHostile,
  type PullRequest,
  type PullStream,
  type UploadOptions,
  type Sandbox,
} from '../../../../../src/core/sandbox.ts';
import { pull, type PullOptions, type PullResult } from '../../../../../src/core/sync/pull.ts';
import { emptyTree } from '../../../../../src/core/sync/tree.ts';
import type { Tree } from '../../../../../src/core/sync/types.ts';
import { downloadByExec, uploadByExec } from '../../../../../src/sandbox/bulk/index.ts';
import { localExec } from '../../../../support/localExec.ts';
import { MemoryBlobs } from './memory.ts';

/** An unprivileged user, so that unreadable folders are unreadable in the tests of a superuser too. */
const nobody = 65534;

/** The downloading half of a sandbox: the real program, in a folder of this machine. */
export class DiskGuest {
  readonly folder: string;
  readonly root: string;
  readonly blobs = new MemoryBlobs();
  readonly requests: PullRequest[] = [];
  incarnation = 'boot-1';
  /** Seconds by which the guest's clock seems to run ahead: by default far enough that no row is racy. */
  clock = 1000;
  /** Happens between the listing and the second request. */
  beforeWant: (() => void) | undefined;
  last: PullResult | undefined;
  /** A folder of programs that come before this machine's. */
  programs: string | undefined;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'airlock-pull-'));
    this.root = join(this.folder, 'workspace');
    const home = join(this.folder, 'home');
    for (const folder of [this.folder, this.root, home]) {
      mkdirSync(folder, { recursive: true });
      this.#own(folder);
    }
  }

  write(path: string, content: string, mode = 0o644): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
    for (let at = file; at !== this.folder; at = dirname(at)) this.#own(at);
  }

  at(path: string): string {
    return join(this.root, path);
  }

  #own(path: string): void {
    if (process.getuid?.() === 0) lchownSync(path, nobody, nobody);
  }

  get sandbox(): Sandbox {
    const path = [this.programs, process.env['PATH']].filter(Boolean).join(':');
    const tools = { path, home: join(this.folder, 'home') };
    const run = localExec(tools);
    const uid = process.getuid?.() === 0 ? nobody : undefined;
    const download = async (request: PullRequest, options: { signal: AbortSignal }): Promise<PullStream> => {
      this.requests.push(request);
      if (request.want !== undefined) this.beforeWant?.();
      const stream = await downloadByExec((exec) => run(exec, uid), request, options);
      return { ...stream, bytes: hostile(shifted(openHostile(stream.bytes), this.clock)) };
    };
    const incarnation = () => this.incarnation;
    const upload = async (tar: AsyncIterable<Uint8Array>, deletions: readonly RelPath[], options: UploadOptions) =>
      await uploadByExec((exec) => run(exec, uid), tar, deletions, options);
    return {
      download,
      upload,
      get incarnation() {
        return incarnation();
      },
    } as unknown as Sandbox;
  }

  /** Pulls on top of the pull before. */
  async pull(more: Partial<PullOptions> = {}): Promise<PullResult> {
    this.requests.length = 0;
    const ancestor: Tree = more.ancestor ?? emptyTree;
    this.last = await pull({
      sandbox: this.sandbox,
      root: guestPath(this.root),
      exclude: [relPath('node_modules')],
      blobs: this.blobs,
      signal: new AbortController().signal,
      theirs: this.last?.theirs ?? ancestor,
      table: this.last?.table,
      ...more,
      ancestor,
    });
    return this.last;
  }

  remove(): void {
    for (const name of readdirSync(this.root, { recursive: true, withFileTypes: true })) {
      if (name.isDirectory()) chmodSync(join(name.parentPath, name.name), 0o755);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function* shifted(bytes: AsyncIterable<Uint8Array>, seconds: number): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(10);
    if (end < 0) continue;
    const fields = head.toString('latin1', 0, end).split(' ');
    fields[4] = String(Number(fields[4]) + seconds);
    yield Buffer.concat([Buffer.from(fields.join(' '), 'latin1'), head.subarray(end)]);
    head = undefined;
  }
}
