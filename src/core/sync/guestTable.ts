import { z } from 'zod';
import type { RelPath } from '../paths.ts';
import { fail } from '../problem.ts';
import { nodeShape, pathShape, skippedShape } from '../shapes.ts';
import type { PullListing } from './pullReply.ts';
import type { GuestRow, GuestTable, KnownRow, Node, Skipped } from './types.ts';

/** Rows that changed less than this many seconds before they were listed may change again without a new tag. */
const racySeconds = 2;

/** A whole listing, however it came: in full, as a delta to the table, or as the word that nothing changed. */
export interface WholeListing {
  readonly id: string;
  readonly takenAt: number;
  readonly rows: ReadonlyMap<RelPath, GuestRow>;
  readonly unreadable: ReadonlySet<RelPath>;
  readonly skipped: readonly Skipped[];
  /** Something is missing for reasons unknown: absence means nothing. */
  readonly torn: boolean;
}

/** Completes what the guest left out with the host's own table, the only cache that is believed. */
export function wholeListing(listing: PullListing, table: GuestTable | undefined): WholeListing {
  if (listing.kind === 'none') fail('protocol', 'The sandbox sent no list of its files.', { delivery: 'maybe-sent' });
  const { id, takenAt, torn } = listing;
  if (listing.kind === 'full') {
    const rows = new Map(listing.rows.map((row) => [row.path, row]));
    return { id, takenAt, torn, rows, unreadable: new Set(listing.unreadable), skipped: named(listing.skipped) };
  }
  if (table === undefined) fail('protocol', 'The sandbox left out what it was not told to leave out.');
  if (listing.kind === 'same')
    return { id, takenAt, torn, rows: table.rows, unreadable: new Set(), skipped: table.skipped };
  const rows = new Map<RelPath, GuestRow>(table.rows);
  for (const path of listing.removed) rows.delete(path);
  for (const row of listing.rows) rows.set(row.path, row);
  const gone = new Set(listing.unskipped);
  const skipped = [...table.skipped.filter(({ path }) => !gone.has(path)), ...named(listing.skipped)];
  return { id, takenAt, torn, rows, unreadable: new Set(listing.unreadable), skipped };
}

function named(skipped: readonly { name: string; why: Skipped['why'] }[]): Skipped[] {
  return skipped.map(({ name, why }) => ({ path: name, why }));
}

/**
 * What the host took in for a row before, if the tag still proves it: equal, never newer or older, and not too young
 * when it was listed.
 */
export function provenNode(table: GuestTable | undefined, row: GuestRow): Node | undefined {
  const known = table?.rows.get(row.path);
  return known?.tag === row.tag && !known.racy ? known.node : undefined;
}

/** True where a row changed so shortly before `takenAt`, or even after it, that its tag proves nothing. */
export function isRacy(row: GuestRow, takenAt: number): boolean {
  return row.changedAt > takenAt - racySeconds;
}

/**
 * The same table, trusting every tag: only where it is certain that nothing ran inside for two seconds before and after
 * the listing.
 */
export function settled(table: GuestTable): GuestTable {
  return { ...table, rows: new Map([...table.rows].map(([path, row]) => [path, { ...row, racy: false }])) };
}

const tableShape = z.object({
  v: z.literal(1),
  incarnation: z.string(),
  listingId: z.string(),
  rows: z.array(
    z.object({
      path: pathShape,
      type: z.enum(['file', 'dir', 'link', 'other']),
      tag: z.string(),
      size: z.number(),
      exec: z.boolean(),
      target: z.string().exactOptional(),
      changedAt: z.number(),
      node: nodeShape.exactOptional(),
      racy: z.boolean(),
    }),
  ),
  skipped: z.array(skippedShape),
});

/** A table as bytes for the blob store, so that the next window need not take in everything again. */
export function writeGuestTable(table: GuestTable): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, ...table, rows: [...table.rows.values()] }));
}

/** Reads a table back; undefined when the bytes are none. */
export function readGuestTable(bytes: Uint8Array): GuestTable | undefined {
  try {
    const parsed = tableShape.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (!parsed.success) return undefined;
    const { incarnation, listingId, rows, skipped } = parsed.data;
    return { incarnation, listingId, skipped, rows: new Map<RelPath, KnownRow>(rows.map((row) => [row.path, row])) };
  } catch {
    return undefined;
  }
}
