import { z } from 'zod';

/** What the panel and the trees show. Plain data that both sides of the webview border agree on. */

const fixShape = z.object({
  id: z.string(),
  title: z.string(),
  command: z.string().optional(),
  action: z.object({ provider: z.string(), id: z.string() }).optional(),
});

/**
 * A button that mends a problem. `command` is shown for copying and never run by us; `action` is what the button runs of
 * what a kind of sandbox offers.
 */
export type Fix = z.infer<typeof fixShape>;

export const transcriptItemShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prompt'), id: z.string(), text: z.string(), at: z.number() }),
  /** Markdown written by the model: hostile. */
  z.object({ kind: z.literal('message'), id: z.string(), text: z.string(), streaming: z.boolean() }),
  z.object({
    kind: z.literal('command'),
    id: z.string(),
    command: z.string(),
    cwd: z.string(),
    /** Tail of the merged output, terminal sequences included: hostile. */
    output: z.string(),
    omittedBytes: z.number(),
    state: z.enum(['running', 'background', 'ended', 'unknown']),
    /** `exit 1`, `killed by SIGKILL`, `stopped by you`, … once it ended. */
    outcome: z.string().optional(),
    ok: z.boolean().optional(),
    startedAt: z.number(),
    endedAt: z.number().optional(),
  }),
  z.object({
    kind: z.literal('edit'),
    id: z.string(),
    edit: z.enum(['create', 'update', 'delete', 'view-image']),
    path: z.string(),
    ok: z.boolean(),
    detail: z.string().optional(),
    diff: z.string().optional(),
  }),
  z.object({
    kind: z.literal('notice'),
    id: z.string(),
    level: z.enum(['info', 'warning', 'error']),
    text: z.string(),
    fix: fixShape.optional(),
  }),
]);

export type TranscriptItem = z.infer<typeof transcriptItemShape>;

export const sessionStatusShape = z.enum([
  'new',
  'starting',
  'uploading',
  'idle',
  'working',
  'paused',
  'stopping',
  'stopped',
  'interrupted',
  'failed',
  'gone',
  'ended',
]);

/** Derived from the four regions (sandbox, turn, sync, review); never stored as truth. */
export type SessionStatus = z.infer<typeof sessionStatusShape>;

export const sessionSummaryShape = z.object({
  id: z.string(),
  title: z.string(),
  /** Title of the kind of sandbox. */
  sandbox: z.string(),
  /** One sentence on what separates the agent from this machine. */
  isolation: z.string(),
  folder: z.string(),
  status: sessionStatusShape,
  /** `Running npm test`, `Copying 214 files`, … */
  statusText: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Files that could come home. */
  changes: z.number(),
  /** Content that is kept on this machine for it, in bytes: checkpoints, before-images, changes. */
  storedBytes: z.number().optional(),
  /** Its sandbox was there before the session: ending it lets go of the sandbox. */
  attached: z.boolean().optional(),
  /** Its sandbox can be paused now, or is paused; absent where it can be neither. */
  pause: z.enum(['can', 'is']).optional(),
  /** Snapshots of its sandbox can be taken, or gone back to, now. */
  snapshots: z.boolean().optional(),
  /** Another window owns it; this one looks on. */
  elsewhere: z.boolean(),
  /** Why it cannot be changed from here, such as a newer storage format. */
  readOnly: z.string().optional(),
  /** What its programs may reach, such as `no network` or `network: 3 hosts`; absent while nothing runs. */
  network: z.string().optional(),
});

export type SessionSummary = z.infer<typeof sessionSummaryShape>;

export const panelStateShape = z.object({
  /** Why no session can be started, with one button; absent when all is ready. */
  blocked: z.object({ text: z.string(), fix: fixShape.optional() }).optional(),
  session: sessionSummaryShape.optional(),
  transcript: z.array(transcriptItemShape),
  model: z.object({ name: z.string(), host: z.string() }),
  /** Where the next session would run. */
  sandbox: z.object({ title: z.string(), isolation: z.string() }),
  /** A prompt may be sent now. */
  canSend: z.boolean(),
  /** Stop is offered. */
  canStop: z.boolean(),
  /** Continue is offered: what a reload or crash interrupted. */
  canContinue: z.boolean(),
  draft: z.string(),
});

export type PanelState = z.infer<typeof panelStateShape>;
