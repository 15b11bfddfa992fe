import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { fail } from '../../core/problem.ts';
import { guestPath, type RelPath } from '../../core/paths.ts';
import {
  type BulkOptions,
  type Exec,
  type ExecRequest,
  hostile,
  type PullRequest,
  type PullStream,
} from '../../core/sandbox.ts';
import { mintId } from '../../shared/ids.ts';
import { downloadScript } from './downloadScript.ts';

/** A file of more than this many bytes, or beyond this many in all, is not sent before it is asked for. */
const speculate = { file: 8 * 1024 * 1024, total: 64 * 1024 * 1024 };

/**
 * Starts one pull through any `exec`: one command, whose standard output is the reply of `core/sync/pullReply.ts`. The
 * bytes must be read for it to go on. What it prints as errors is dropped: the reply itself says what is missing.
 */
export function downloadByExec(
  exec: (request: ExecRequest) => Exec,
  request: PullRequest,
  options: BulkOptions,
): Promise<PullStream> {
  const { want } = request;
  const running = exec({
    op: mintId('op'),
    run: {
      argv: ['sh', '-c', downloadScript, 'airlock', ...(want === undefined ? listArgs(request) : wantArgs(request))],
    },
    cwd: guestPath('/'),
    ...(want === undefined ? {} : { stdin: Readable.from(names(want)) }),
    signal: options.signal,
    onLinkLoss: 'kill',
  });
  return Promise.resolve({ bytes: hostile(standardOutput(running, options)), outcome: running.outcome });
}

function listArgs(request: PullRequest): string[] {
  const patterns = [...request.exclude].sort().map((path) => `./${path.replace(/[\\*?[]/g, '\\$&')}`);
  const key = createHash('sha256')
    .update([request.root, ...patterns].join('\0'))
    .digest('hex')
    .slice(0, 16);
  return [
    'list',
    request.root,
    key,
    request.since ?? '-',
    String(speculate.file),
    String(speculate.total),
    ...patterns,
  ];
}

function wantArgs(request: PullRequest): string[] {
  return ['want', request.root];
}

function* names(want: readonly RelPath[]): Generator<Uint8Array> {
  const step = 1000;
  for (let at = 0; at < want.length; at += step) {
    yield Buffer.from(
      want
        .slice(at, at + step)
        .map((path) => `./${path}\0`)
        .join(''),
    );
  }
}

/** Throws `aborted` for a pull that was cancelled: all of it may be here already, and is not to count as whole. */
export function refuseCancelled({ signal }: BulkOptions): void {
  if (signal.aborted) fail('aborted', 'It was cancelled.');
}

async function* standardOutput(running: Exec, options: BulkOptions): AsyncGenerator<Uint8Array> {
  let moved = 0;
  for await (const { fd, bytes } of running.output) {
    if (fd !== 1) continue;
    moved += bytes.length;
    options.onProgress?.(moved);
    refuseCancelled(options);
    yield bytes;
  }
}
