import { z } from 'zod';
import { parseId, type Brand } from '../shared/ids.ts';
import { parseRelPath, type RelPath } from './paths.ts';
import { skipWhys, type BlobId, type TreeId } from './sync/types.ts';

/** Shapes that the records on disk share, for reading them back after a restart. */

const hash = /^[0-9a-f]{64}$/;

/** An id as {@link mintId} made it. */
export const idShape = <Kind extends Parameters<typeof parseId>[0]>(kind: Kind) =>
  z.custom<Brand<Kind>>((value) => typeof value === 'string' && parseId(kind, value) !== undefined);

export const blobShape = z.custom<BlobId>((value) => typeof value === 'string' && hash.test(value));
export const treeShape = z.custom<TreeId>((value) => typeof value === 'string' && hash.test(value));
export const pathShape = z.custom<RelPath>((value) => typeof value === 'string' && parseRelPath(value).ok);

export const nodeShape = z.discriminatedUnion('t', [
  z.object({ t: z.literal('file'), blob: blobShape, size: z.number(), exec: z.boolean() }),
  z.object({ t: z.literal('link'), target: z.string() }),
  z.object({ t: z.literal('dir') }),
]);

export const skippedShape = z.object({ path: z.string(), why: z.enum(skipWhys) });
