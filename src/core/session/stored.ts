import { z } from 'zod';
import type { Brand } from '../../shared/ids.ts';
import { parseRelPath, type RelPath } from '../paths.ts';
import type { ChangeSet, Checkpoint, DangerId } from '../sync/types.ts';

/** Shapes of the sync records inside the log, for reading them back after a restart. */

const branded = <Name extends string>(pattern: RegExp) =>
  z.custom<Brand<Name>>((v) => typeof v === 'string' && pattern.test(v));
const blobShape = branded<'blob'>(/^[0-9a-f]{64}$/);
const treeShape = branded<'tree'>(/^[0-9a-f]{64}$/);
const pathShape = z.custom<RelPath>((v) => typeof v === 'string' && parseRelPath(v).ok);

const nodeShape = z.discriminatedUnion('t', [
  z.object({ t: z.literal('file'), blob: blobShape, size: z.number(), exec: z.boolean() }),
  z.object({ t: z.literal('link'), target: z.string() }),
  z.object({ t: z.literal('dir') }),
]);
const sideShape = z.union([nodeShape, z.literal('absent'), z.literal('unknown')]);

const dangerShape = z.enum([
  'editor-config',
  'git-config',
  'git-repository',
  'ci-workflow',
  'package-script',
  'agent-config',
  'shell-environment',
  'build-hook',
  'executable-bit',
] satisfies DangerId[]);

const changeSetShape = z.object({
  id: branded<'change-set'>(/^cs-[0-9a-f]{20}$/),
  checkpoint: branded<'checkpoint'>(/^cp-[0-9a-f]{20}$/),
  changes: z.array(
    z.object({
      path: pathShape,
      base: sideShape,
      theirs: sideShape,
      ours: sideShape,
      merge: z.enum(['take', 'auto', 'conflict', 'binary', 'blocked']),
      result: nodeShape.optional(),
      danger: z.array(dangerShape),
      reasons: z.array(z.string()).optional(),
      blockedWhy: z.string().optional(),
      withheld: z
        .object({ danger: dangerShape, keys: z.array(z.string()), whole: nodeShape, ancestor: nodeShape })
        .optional(),
    }),
  ),
  asOf: z.number(),
  warnings: z.array(z.string()),
});

const checkpointShape = z.object({
  id: branded<'checkpoint'>(/^cp-[0-9a-f]{20}$/),
  parent: branded<'checkpoint'>(/^cp-[0-9a-f]{20}$/).optional(),
  logSeq: z.number(),
  theirs: treeShape,
  ancestor: treeShape,
  quality: z.enum(['exact', 'torn', 'partial']),
  skipped: z.array(
    z.object({
      path: z.string(),
      why: z.enum(['bad-name', 'special-file', 'link', 'too-large', 'too-many', 'unreadable', 'case-collision']),
    }),
  ),
});

/** A change set as bytes for the blob store. */
export function writeChangeSet(set: ChangeSet): Uint8Array {
  return Buffer.from(JSON.stringify(set));
}

/** Reads a change set back; undefined when the bytes are not one. */
export function readChangeSet(bytes: Uint8Array): ChangeSet | undefined {
  const parsed = changeSetShape.safeParse(parseJson(bytes));
  return parsed.success ? (parsed.data as ChangeSet) : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Reads a checkpoint back; undefined when the record is not one. */
export function readCheckpoint(value: unknown): Checkpoint | undefined {
  const parsed = checkpointShape.safeParse(value);
  return parsed.success ? (parsed.data as Checkpoint) : undefined;
}
