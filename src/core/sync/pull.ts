import { parentOf, type GuestPath, type RelPath } from '../paths.ts';
import { AirlockError, fail, problem } from '../problem.ts';
import { hostile, openHostile, type Outcome, type PullRequest, type Sandbox } from '../sandbox.ts';
import type { BlobStore } from '../storage.ts';
import { isRacy, provenNode, wholeListing, type WholeListing } from './guestTable.ts';
import { heard, inTime } from './heard.ts';
import { Intake } from './intake.ts';
import { defaultPullLimits, parsePullReply, type PullLimits, type PullListing } from './pullReply.ts';
import { isProvenAbsent, select, type Selection, type SelectLimits } from './pullSelect.ts';
import { foldersOf, ordered } from './tree.ts';
import type { Checkpoint, GuestTable, KnownRow, Node, Skipped, Tree } from './types.ts';

export { settled } from './guestTable.ts';

export interface PullOptions {
  readonly sandbox: Sandbox;
  readonly root: GuestPath;
  /** Dependency folders: never listed, never home. */
  readonly exclude: readonly RelPath[];
  readonly blobs: BlobStore;
  readonly signal: AbortSignal;
  readonly ancestor: Tree;
  /** What the sandbox held at the pull before, or the ancestor at the first one. */
  readonly theirs: Tree;
  /** The table of the pull before; one of another incarnation is not believed. */
  readonly table: GuestTable | undefined;
  /**
   * Nothing has run inside since all of `theirs` was sent: what is listed with its size and mode is taken to be what was
   * sent, without its bytes coming back.
   */
  readonly fresh?: boolean;
  /** Take in every byte again whatever the tags say: before a review and before the sandbox ends. */
  readonly verify?: boolean;
  /** Which of these new paths the folder's own rules leave out; see `LocalFolder.ignored`. */
  readonly ignored?: (paths: readonly RelPath[]) => Promise<ReadonlySet<RelPath>>;
  readonly limits?: Partial<PullIntakeLimits>;
}

export interface PullIntakeLimits extends SelectLimits {
  /** Most new bytes that one pull takes in. */
  readonly maxBytes: number;
  readonly reply: PullLimits;
  /** Milliseconds without a byte after which the program inside is taken to have been stopped by another. */
  readonly silenceMs: number;
}

/** How long the end of a command is waited for that is to explain a broken reply, in milliseconds. */
const explainMs = 2000;

const defaultLimits: PullIntakeLimits = {
  maxFiles: 200_000,
  maxFileBytes: defaultPullLimits.maxFileBytes,
  maxBytes: 2 * 1024 * 1024 * 1024,
  reply: defaultPullLimits,
  silenceMs: 60_000,
};

export interface PullResult {
  readonly table: GuestTable;
  /** What the sandbox holds. Where that is unknown, what it held before stands in, so that it reads as no change. */
  readonly theirs: Tree;
  readonly unknown: ReadonlySet<RelPath>;
  /** `torn`: files changed while they were read. `partial`: something could not be read or was too much. */
  readonly quality: Checkpoint['quality'];
  readonly skipped: readonly Skipped[];
  /** Sentences for people; where there are any, applying asks again. */
  readonly warnings: readonly string[];
  /** Files and bytes that were taken in. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * Takes in what the sandbox holds: one request, and a second one only for bytes that did not come along. Nothing counts
 * before the replies were whole and their commands ended well; rejects with a problem otherwise and nothing has changed.
 */
export async function pull(options: PullOptions): Promise<PullResult> {
  const { sandbox, signal } = options;
  const { incarnation } = sandbox;
  const table = options.table?.incarnation === incarnation ? options.table : undefined;
  const limits = { ...defaultLimits, ...options.limits };
  const intake = new Intake(options.blobs, limits);
  const prepare = async (listing: PullListing) => {
    const whole = wholeListing(listing, table);
    const selection = await selectRows(whole, options, limits);
    await intake.want(selection.files, (row) => proven(options, table, row));
    return { whole, selection };
  };
  try {
    const { whole, selection } = await ask(options, limits, intake, since(table), prepare);
    const want = intake.missing();
    if (want.length > 0) await ask(options, limits, intake, { want }, () => Promise.resolve(undefined));
    if (sandbox.incarnation !== incarnation) lost('The sandbox was restarted while its files were read.');
    return conclude(options, incarnation, whole, selection, intake);
  } catch (error) {
    if (signal.aborted) fail('aborted', 'Taking in the changes was cancelled.', { delivery: 'maybe-sent' });
    throw error;
  }
}

const since = (table: GuestTable | undefined) => (table === undefined ? {} : { since: table.listingId });

async function selectRows(whole: WholeListing, options: PullOptions, limits: PullIntakeLimits): Promise<Selection> {
  const { ancestor, theirs } = options;
  const ignored = options.ignored ?? (() => Promise.resolve(new Set<RelPath>()));
  return await select(whole, { ancestor, theirs, exclude: new Set(options.exclude), limits, ignored });
}

/** One request and its whole reply. Its command is ended where that fails: nobody would read what it goes on to say. */
async function ask<T>(
  { sandbox, root, exclude, signal }: PullOptions,
  limits: PullIntakeLimits,
  intake: Intake,
  question: Pick<PullRequest, 'since' | 'want'>,
  onListing: (listing: PullListing) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const giveUp = () => stop.abort();
  const { silenceMs } = limits;
  const options = { signal: AbortSignal.any([signal, stop.signal]) };
  const stream = await sandbox.download({ root, exclude, ...question }, options);
  const bytes = heard(openHostile(stream.bytes), silenceMs, giveUp);
  try {
    const reply = await parsePullReply(hostile(bytes), limits.reply, question);
    const found = await onListing(reply.listing);
    for await (const member of reply.members) await intake.take(member);
    mustHaveEnded(await inTime(stream.outcome, silenceMs, giveUp));
    return found;
  } catch (error) {
    if (stop.signal.aborted) lost(`The sandbox sent nothing for ${Math.round(silenceMs / 1000)} seconds.`);
    // A reply that stopped short is best explained by how its command ended.
    const isCutShort = error instanceof AirlockError && error.problem.id === 'pull-failed';
    if (isCutShort) mustHaveEnded(await inTime(stream.outcome, explainMs, giveUp));
    throw error;
  } finally {
    giveUp();
    // Not awaited: a source that hangs would keep us.
    void bytes.return(undefined).catch(() => undefined);
  }
}

function mustHaveEnded(outcome: Outcome): void {
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  if (outcome.kind === 'not-started' || outcome.kind === 'unknown') throw new AirlockError(outcome.problem);
  lost('The sandbox could not hand over its files.');
}

function lost(detail: string): never {
  throw new AirlockError(problem('pull-failed', detail, { delivery: 'maybe-sent', fix: 'retry' }));
}

/** The content of a row that need not be asked for. */
function proven(options: PullOptions, table: GuestTable | undefined, row: KnownRow | WholeRow): Node | undefined {
  if (options.verify === true) return undefined;
  const known = provenNode(table, row);
  if (known !== undefined || options.fresh !== true) return known;
  const sent = options.theirs.get(row.path);
  return sent?.t === 'file' && sent.size === row.size && sent.exec === row.exec ? sent : undefined;
}

type WholeRow = WholeListing['rows'] extends ReadonlyMap<RelPath, infer Row> ? Row : never;

function conclude(
  options: PullOptions,
  incarnation: string,
  whole: WholeListing,
  selection: Selection,
  intake: Intake,
): PullResult {
  const theirs = new Map<RelPath, Node>([...selection.others, ...intake.nodes]);
  const skipped = [...whole.skipped, ...selection.skipped, ...intake.skipped()];
  const opaque = new Set([...selection.opaque, ...intake.failed.keys(), ...options.exclude]);
  const folders = foldersOf(theirs.keys());
  const unknown = new Set<RelPath>();
  let vanished = 0;
  for (const path of new Set([...options.ancestor.keys(), ...options.theirs.keys()])) {
    if (theirs.has(path)) continue;
    if (isReplaced(path, theirs, folders) || isProvenAbsent(path, whole, opaque)) {
      if (options.ancestor.has(path) && options.ancestor.get(path)?.t !== 'dir') vanished += 1;
      continue;
    }
    unknown.add(path);
    const before = options.theirs.get(path);
    if (before !== undefined) theirs.set(path, before);
  }
  const quality = qualityOf(whole, skipped, intake);
  const warnings = warningsOf(quality, vanished, options.ancestor.size, intake);
  const table = tableOf(incarnation, whole, intake);
  const { files, bytes } = intake;
  return { table, theirs: ordered(theirs), unknown, quality, skipped, warnings, files, bytes };
}

/** A folder stands where the file was, or a file where its folder was: the file is gone, whatever could not be read. */
function isReplaced(path: RelPath, theirs: Tree, folders: ReadonlySet<RelPath>): boolean {
  if (folders.has(path)) return true;
  for (let up = parentOf(path); up !== undefined; up = parentOf(up)) {
    const holder = theirs.get(up);
    if (holder !== undefined && holder.t !== 'dir') return true;
  }
  return false;
}

function tableOf(incarnation: string, whole: WholeListing, intake: Intake): GuestTable {
  const rows = new Map<RelPath, KnownRow>();
  for (const [path, row] of whole.rows) {
    const { type, tag, size, exec, target, changedAt } = row;
    const node = intake.nodes.get(path);
    const racy = isRacy(row, whole.takenAt) || intake.torn.has(path);
    const optional = { ...(target === undefined ? {} : { target }), ...(node === undefined ? {} : { node }) };
    rows.set(path, { path, type, tag, size, exec, changedAt, racy, ...optional });
  }
  return { incarnation, listingId: whole.id, rows, skipped: whole.skipped };
}

const partial: ReadonlySet<Skipped['why']> = new Set(['too-large', 'too-many', 'unreadable']);

function qualityOf(whole: WholeListing, skipped: readonly Skipped[], intake: Intake): Checkpoint['quality'] {
  if (whole.torn || skipped.some(({ why }) => partial.has(why))) return 'partial';
  return intake.torn.size > 0 ? 'torn' : 'exact';
}

function warningsOf(quality: Checkpoint['quality'], vanished: number, all: number, intake: Intake): string[] {
  const warnings: string[] = [];
  if (vanished > 1 && vanished * 5 > all) {
    warnings.push(`${vanished} of ${all} files are gone in the sandbox. Check the deletions before you apply them.`);
  }
  if (quality === 'partial') {
    warnings.push('Some files in the sandbox could not be taken in. What is missing there does not count as deleted.');
  }
  if (intake.torn.size > 0) {
    const [first] = intake.torn;
    const more = intake.torn.size === 1 ? '' : ` and ${intake.torn.size - 1} more`;
    warnings.push(
      `${first}${more} changed in the sandbox while being read. Refresh the changes before you apply them.`,
    );
  }
  return warnings;
}
