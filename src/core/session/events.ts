import { z } from 'zod';
import { blobShape, idShape, treeShape } from '../shapes.ts';
import { connectionShape, hostsAllowedShape, hostsRevokedShape, trafficShape } from './networkEvents.ts';

/** Raised when a record's meaning changes; records with a newer number are shown read-only. */
export const sessionSchema = 1;

const problemShape = z.object({
  id: z.string(),
  detail: z.string(),
  fix: z.string().optional(),
  fixCommand: z.string().optional(),
  fixAction: z.object({ provider: z.string(), id: z.string(), title: z.string() }).optional(),
});

const providerStateShape = z.object({ provider: z.string(), version: z.number(), data: z.unknown() });

const outcomeShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exited'), code: z.number() }),
  z.object({ kind: z.literal('signaled'), signal: z.string() }),
  z.object({ kind: z.literal('not-started'), problem: problemShape }),
  z.object({ kind: z.literal('stopped'), by: z.enum(['abort', 'deadline']), killed: z.enum(['tree', 'group']) }),
  z.object({ kind: z.literal('unknown'), problem: problemShape }),
]);

const modelChoiceShape = z.object({
  name: z.string(),
  /** Origin and path of the endpoint, without a key. */
  baseUrl: z.string(),
  api: z.enum(['responses', 'chat-completions']),
});

/** Which model answers, where. Holds no key. */
export type ModelChoice = z.infer<typeof modelChoiceShape>;

/** One record of a session's log. New kinds may be added; a reader passes over kinds it does not know. */
export const logEventShape = z.discriminatedUnion('t', [
  z.object({ t: z.literal('session-created') }),
  z.object({ t: z.literal('create-intent'), key: z.string() }),
  /** Another sandbox is about to be created in place of one that is gone, with these many files of the last checkpoint. */
  z.object({ t: z.literal('refill-intent'), files: z.number() }),
  /** A sandbox that exists is about to be taken over, and was; `title` is its name. */
  z.object({ t: z.literal('attach-intent'), title: z.string() }),
  z.object({ t: z.literal('attached'), title: z.string() }),
  z.object({
    t: z.literal('sandbox'),
    state: z.enum(['starting', 'running', 'paused', 'stopping', 'stopped', 'gone', 'lost', 'failed', 'deleted']),
    incarnation: z.string().optional(),
    /** The new incarnation lost the processes of the one before. */
    restarted: z.boolean().optional(),
    problem: problemShape.optional(),
  }),
  z.object({
    t: z.literal('upload-approved'),
    files: z.number(),
    bytes: z.number(),
    held: z.number(),
    rulesId: z.string(),
  }),
  z.object({ t: z.literal('sync-intent'), kind: z.enum(['hydrate', 'push', 'pull']), files: z.number().optional() }),
  z.object({
    t: z.literal('sync-done'),
    kind: z.enum(['hydrate', 'push', 'pull']),
    files: z.number(),
    bytes: z.number(),
    checkpoint: z.unknown().optional(),
    /** Paths that stayed here after all, such as a file whose content looks like a key. */
    leftOut: z.array(z.string()).optional(),
    /** Paths that would have been held back, and went in because the person chose them. */
    chosen: z.array(z.string()).optional(),
    problem: problemShape.optional(),
  }),
  z.object({ t: z.literal('ancestor'), tree: treeShape }),
  z.object({ t: z.literal('rejected'), path: z.string(), theirs: z.string() }),
  z.object({ t: z.literal('offered-again') }),
  z.object({ t: z.literal('turn-started'), turn: z.string(), prompt: z.string(), model: modelChoiceShape }),
  z.object({ t: z.literal('message'), turn: z.string(), text: z.string() }),
  z.object({
    t: z.literal('command-intent'),
    turn: z.string().optional(),
    op: idShape('op'),
    command: z.string(),
    cwd: z.string(),
  }),
  z.object({ t: z.literal('command-output'), op: idShape('op'), text: z.string() }),
  z.object({ t: z.literal('command-ended'), op: idShape('op'), outcome: outcomeShape, omittedBytes: z.number() }),
  z.object({
    t: z.literal('edit'),
    turn: z.string(),
    kind: z.enum(['create', 'update', 'delete', 'view-image']),
    path: z.string(),
    ok: z.boolean(),
    detail: z.string().optional(),
    diff: z.string().optional(),
  }),
  /** Conversation items as the SDK made them, so that the next turn goes on from here. */
  z.object({ t: z.literal('items'), turn: z.string(), items: z.array(z.unknown()) }),
  z.object({
    t: z.literal('turn-ended'),
    turn: z.string(),
    how: z.enum(['done', 'stopped', 'failed', 'interrupted']),
    problem: problemShape.optional(),
    usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).optional(),
  }),
  /** The change set itself lies in the blob store; here is where, and how many changes it holds. */
  z.object({ t: z.literal('changes'), set: idShape('change-set'), blob: blobShape, count: z.number() }),
  z.object({
    t: z.literal('apply-intent'),
    set: idShape('change-set'),
    paths: z.array(z.string()),
    takeTheirs: z.array(z.string()),
  }),
  z.object({ t: z.literal('undo-intent'), set: idShape('change-set') }),
  /** What the host knew of the sandbox's files when it let go of it. */
  z.object({ t: z.literal('guest-table'), blob: blobShape }),
  z.object({
    t: z.literal('applied'),
    set: idShape('change-set'),
    applied: z.array(z.string()),
    skipped: z.array(z.object({ path: z.string(), why: z.string() })),
  }),
  z.object({
    t: z.literal('undone'),
    set: idShape('change-set'),
    restored: z.array(z.string()),
    /** Older logs name the paths alone. */
    skipped: z.array(z.union([z.string(), z.object({ path: z.string(), why: z.string() })])),
  }),
  /** What is remembered of a port of the sandbox; the last record of each port holds. */
  z.object({
    t: z.literal('port'),
    port: z.number(),
    label: z.string().optional(),
    /** Where it is, or was last, forwarded to. */
    localPort: z.number().optional(),
    /** The local port is a person's choice. */
    chosen: z.boolean(),
    forwarded: z.boolean(),
    /** A person was told of it. */
    noticed: z.boolean(),
  }),
  /** A snapshot of the sandbox was taken; everything inside is about to be replaced by one. `at` is when it was taken. */
  z.object({ t: z.literal('snapshot-taken'), at: z.number() }),
  z.object({ t: z.literal('snapshot-intent'), at: z.number() }),
  z.object({ t: z.literal('publish-intent'), port: z.number(), until: z.number() }),
  z.object({ t: z.literal('published'), port: z.number(), url: z.string() }),
  z.object({ t: z.literal('unpublished'), port: z.number() }),
  hostsAllowedShape,
  hostsRevokedShape,
  connectionShape,
  trafficShape,
  z.object({
    t: z.literal('ended'),
    /** The sandbox had been attached: it was let go of and lives on. */
    kept: z.boolean().optional(),
  }),
]);

export type LogEvent = z.infer<typeof logEventShape>;

export interface LoggedEvent {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: LogEvent;
}

export const sessionRecordShape = z.object({
  schema: z.literal(sessionSchema),
  id: idShape('session'),
  title: z.string(),
  provider: z.string(),
  /** URI of the workspace folder that the session belongs to. */
  root: z.string(),
  /** Name of the folder under `/workspace`. */
  slug: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Grows each time a window takes the session over; an older writer is refused. */
  epoch: z.number(),
  /** Key of the ledger entry. */
  ledgerKey: z.string().optional(),
  sandbox: providerStateShape.optional(),
  /** It was asked for and, as far as is known here, never held the whole workspace. */
  unfilled: z.boolean().optional(),
  /** Its sandbox was there before the session and outlives it. */
  attached: z.boolean().optional(),
  settings: z.record(z.string(), z.unknown()),
  toolchains: z.array(z.object({ name: z.string(), folder: z.string(), bin: z.string() })),
  /** Dependency folders that went in as copies: never listed, never home. */
  dependencies: z.array(z.string()),
  /** A cache for the tree; the log is the truth. */
  summary: z.object({ status: z.string(), changes: z.number(), bytes: z.number().optional() }),
});

export type SessionRecord = z.infer<typeof sessionRecordShape>;
