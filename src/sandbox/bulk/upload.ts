import { createHash } from 'node:crypto';
import { guestPath, type RelPath } from '../../core/paths.ts';
import { type Problem, problem, problemOf } from '../../core/problem.ts';
import type { Exec, ExecRequest, Expected, Outcome, Upload, UploadOptions } from '../../core/sandbox.ts';
import { mintId, type OpId } from '../../shared/ids.ts';
import { abortable } from './abortable.ts';
import { sealTar, tarMember } from './seal.ts';
import { companionNames, uploadExit, uploadScript, uploadWords } from './uploadScript.ts';

const keptText = 8192;
/** How long the program inside may take to clear up after a cancelled upload before it is ended, in milliseconds. */
const clearWithinMs = 10_000;

/** What the program inside said: the end of each of its two streams. */
interface Said {
  out: string;
  err: string;
}

/**
 * Uploads through any `exec`: one command that reads the tar on its standard input. Cancelling ends that input before
 * its seal, so the program inside removes its staging folder and answers `not-committed`; once the seal has left, the
 * answer tells what became true. A program that does not answer after that is ended. The tar must carry
 * workspace-relative names and end with tar's end mark.
 */
export async function uploadByExec(
  exec: (request: ExecRequest) => Exec,
  tar: AsyncIterable<Uint8Array>,
  deletions: readonly RelPath[],
  options: UploadOptions,
  endAfterMs = clearWithinMs,
): Promise<Upload> {
  if (options.signal.aborted) return { kind: 'not-committed', problem: cancelled() };
  const op = mintId('op');
  const feed: { problem?: Problem } = {};
  const end = new AbortController();
  const running = exec({
    op,
    run: { argv: ['sh', '-c', uploadScript, 'airlock', op, options.root, options.mode] },
    cwd: guestPath('/'),
    stdin: feedBytes(op, tar, deletions, options, feed),
    signal: end.signal,
    onLinkLoss: 'kill',
  });
  const stopWaiting = onceAborted(options.signal, endAfterMs, () => {
    feed.problem ??= cancelled();
    end.abort();
  });
  const [said, outcome] = await Promise.all([listen(running), running.outcome]).finally(stopWaiting);
  return judge(op, said, outcome, feed.problem);
}

/** Acts so long after the signal aborted, unless the function that it answers with is called before. */
function onceAborted(signal: AbortSignal, afterMs: number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = () => (timer = setTimeout(act, afterMs));
  signal.addEventListener('abort', wait, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', wait);
  };
}

/** The bytes for the program inside. Ends early, and so without the seal, when cancelled or when the source fails. */
async function* feedBytes(
  op: OpId,
  tar: AsyncIterable<Uint8Array>,
  deletions: readonly RelPath[],
  options: UploadOptions,
  feed: { problem?: Problem },
): AsyncGenerator<Uint8Array> {
  const names = companionNames(op);
  let moved = 0;
  try {
    yield tarMember(names.deletions, deletionList(deletions));
    yield tarMember(names.expected, expectedList(options.expect ?? new Map()));
    for await (const bytes of sealTar(abortable(tar, options.signal), tarMember(names.seal, Buffer.from(op)))) {
      yield bytes;
      moved += bytes.length;
      options.onProgress?.(moved);
    }
  } catch (caught) {
    feed.problem = options.signal.aborted ? cancelled() : problemOf(caught, 'upload-failed');
  }
}

/** NUL-ended names below `./`, children before their folders. */
function deletionList(deletions: readonly RelPath[]): Uint8Array {
  const deepestFirst = [...deletions].sort().reverse();
  return Buffer.from(deepestFirst.map((path) => `./${path}\0`).join(''));
}

/** NUL-ended entries as {@link uploadScript} reads them. */
function expectedList(expect: ReadonlyMap<RelPath, Expected>): Uint8Array {
  return Buffer.from([...expect].map(([path, side]) => `${expectedMark(side)}./${path}\0`).join(''));
}

function expectedMark(side: Expected): string {
  if (side === 'absent') return 'a';
  if (side === 'dir') return 'd';
  return 'file' in side ? `f${side.file}` : `l${createHash('sha256').update(side.link).digest('hex')}`;
}

async function listen(running: Exec): Promise<Said> {
  const said: Said = { out: '', err: '' };
  try {
    for await (const { fd, bytes } of running.output) {
      const text = Buffer.from(bytes).toString('latin1');
      if (fd === 1) said.out = (said.out + text).slice(-keptText);
      else said.err = (said.err + text).slice(-keptText);
    }
  } catch {
    // The outcome tells why the stream broke.
  }
  return said;
}

function judge(op: OpId, said: Said, outcome: Outcome, fed: Problem | undefined): Upload {
  const lines = said.out.split('\n');
  const spoke = (words: string) => lines.includes(`airlock-upload ${words}`);
  switch (outcome.kind) {
    case 'exited':
      if (outcome.code === 0 && spoke(`${uploadWords.committed} ${op}`)) return { kind: 'committed' };
      if (outcome.code === uploadExit.notCommitted) return { kind: 'not-committed', problem: fed ?? refusal(said) };
      break;
    case 'not-started':
      return { kind: 'not-committed', problem: outcome.problem };
    case 'unknown':
      return { kind: 'unknown', problem: outcome.problem };
    case 'stopped':
    case 'signaled':
      break;
  }
  if (spoke(uploadWords.committing)) return { kind: 'unknown', problem: halfway() };
  return { kind: 'not-committed', problem: fed ?? refusal(said) };
}

function refusal(said: Said): Problem {
  const because = (detail: string) => problem('upload-failed', detail, { delivery: 'maybe-sent' });
  if (said.err.includes('No space left on device')) return because('The disk of the sandbox is full. Nothing changed.');
  if (said.out.includes('airlock-upload refused blocked')) {
    return because('In the sandbox a link or a file stands where a folder is needed. Nothing changed.');
  }
  if (said.out.includes('airlock-upload refused changed')) {
    const detail = 'The sandbox changed a file while your newer version was on its way. Nothing was overwritten.';
    return problem('changed-inside', detail, { delivery: 'maybe-sent', fix: 'retry' });
  }
  if (said.out.includes('airlock-upload refused incomplete')) {
    return because('Not all of the files arrived in the sandbox. Nothing changed.');
  }
  return because('The sandbox could not take in the files. Nothing changed.');
}

function halfway(): Problem {
  return problem('upload-failed', 'The upload stopped while files were being put in place: some may be missing.', {
    delivery: 'maybe-sent',
    fix: 'retry',
  });
}

function cancelled(): Problem {
  return problem('aborted', 'The upload was cancelled. Nothing changed in the sandbox.', { delivery: 'maybe-sent' });
}
