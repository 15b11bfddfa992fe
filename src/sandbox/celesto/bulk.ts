import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { RelPath } from '../../core/paths.ts';
import { AirlockError, problem } from '../../core/problem.ts';
import {
  type BulkOptions,
  type Exec,
  type ExecRequest,
  hostile,
  openHostile,
  type PullRequest,
  type PullStream,
  type Upload,
  type UploadOptions,
} from '../../core/sandbox.ts';
import { downloadByExec, refuseCancelled, uploadByExec } from '../bulk/index.ts';

type Run = (request: ExecRequest) => Exec;

/** What proves an upload complete lies in the last bytes of its tar. */
const sealBytes = 2048;

const unpackAndRun = 'gzip -dc | "$@"';
/** The exit code is that of the command, not of the compressor behind it. */
const runAndPack = 'exec 3>&1; s=$({ { "$@" 3>&- 4>&-; echo $? >&4; } | gzip -3 -c >&3 4>&-; } 4>&1); exit "${s:-70}"';

/** Uploads as one command whose input is compressed on its way. */
export function upload(
  run: Run,
  tar: AsyncIterable<Uint8Array>,
  deletions: readonly RelPath[],
  options: UploadOptions,
): Promise<Upload> {
  const compressed: Run = (request) =>
    run({
      ...request,
      run: { argv: ['sh', '-c', unpackAndRun, 'airlock', ...argvOf(request)] },
      ...(request.stdin === undefined ? {} : { stdin: inTwoMembers(request.stdin) }),
    });
  return uploadByExec(compressed, tar, deletions, options);
}

/** Pulls as one command whose output is compressed on its way. */
export async function download(run: Run, request: PullRequest, options: BulkOptions): Promise<PullStream> {
  const compressed: Run = (asked) =>
    run({ ...asked, run: { argv: ['sh', '-c', runAndPack, 'airlock', ...argvOf(asked)] } });
  const { onProgress: _counted, ...quiet } = options;
  const stream = await downloadByExec(compressed, request, quiet);
  return { bytes: hostile(unpacked(openHostile(stream.bytes), options)), outcome: stream.outcome };
}

function argvOf({ run }: ExecRequest): readonly string[] {
  return 'argv' in run ? run.argv : ['sh', '-c', run.shell];
}

/**
 * Gzip in two members: the second holds the last bytes alone. The decompressor checks a member's sum before it gives
 * anything of the next, so the seal of an upload never arrives behind bytes that were damaged.
 */
async function* inTwoMembers(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last = Buffer.alloc(0);
  async function* allButLast(): AsyncGenerator<Uint8Array> {
    for await (const bytes of source) {
      const joined = Buffer.concat([last, bytes]);
      const give = Math.max(0, joined.length - sealBytes);
      last = joined.subarray(give);
      if (give > 0) yield joined.subarray(0, give);
    }
  }
  yield* packed(allButLast());
  yield* packed([last]);
}

async function* packed(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* through(source, createGzip({ level: 6, chunkSize: 65_536 }));
}

async function* unpacked(source: AsyncIterable<Uint8Array>, options: BulkOptions): AsyncGenerator<Uint8Array> {
  let moved = 0;
  try {
    for await (const bytes of through(source, createGunzip({ chunkSize: 65_536 }))) {
      moved += bytes.length;
      options.onProgress?.(moved);
      refuseCancelled(options);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof AirlockError) throw error;
    const detail = 'What the computer sends of its files broke off.';
    throw new AirlockError(problem('pull-failed', detail, { delivery: 'maybe-sent', fix: 'retry' }), error);
  }
}

async function* through(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  change: Transform,
): AsyncGenerator<Uint8Array> {
  // What goes wrong on either side is thrown by the loop.
  pipeline(Readable.from(source), change, () => undefined);
  for await (const bytes of change) yield bytes as Uint8Array;
}
