import { z } from 'zod';
import { parseJson } from '../../shared/json.ts';
import { idShape, nodeShape, pathShape, skippedShape, treeShape } from '../shapes.ts';
import { dangerIds, type ChangeSet, type Checkpoint } from '../sync/types.ts';

/** Shapes of the sync records inside the log, for reading them back after a restart. */

const sideShape = z.union([nodeShape, z.literal('absent'), z.literal('unknown')]);

const dangerShape = z.enum(dangerIds);

const changeSetShape = z.object({
  id: idShape('change-set'),
  checkpoint: idShape('checkpoint'),
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
      withheld: z.object({ danger: dangerShape, keys: z.array(z.string()), ancestor: nodeShape }).optional(),
    }),
  ),
  asOf: z.number(),
  twoWay: z.boolean().optional(),
  warnings: z.array(z.string()),
});

const checkpointShape = z.object({
  id: idShape('checkpoint'),
  parent: idShape('checkpoint').optional(),
  logSeq: z.number(),
  theirs: treeShape,
  ancestor: treeShape,
  quality: z.enum(['exact', 'torn', 'partial']),
  skipped: z.array(skippedShape),
});

/** A change set as bytes for the blob store. */
export function writeChangeSet(set: ChangeSet): Uint8Array {
  return Buffer.from(JSON.stringify(set));
}

/** Reads a change set back; undefined when the bytes are not one. */
export function readChangeSet(bytes: Uint8Array): ChangeSet | undefined {
  const parsed = changeSetShape.safeParse(parseJson(Buffer.from(bytes).toString('utf8')));
  return parsed.success ? (parsed.data as ChangeSet) : undefined;
}

/** Reads a checkpoint back; undefined when the record is not one. */
export function readCheckpoint(value: unknown): Checkpoint | undefined {
  const parsed = checkpointShape.safeParse(value);
  return parsed.success ? (parsed.data as Checkpoint) : undefined;
}
