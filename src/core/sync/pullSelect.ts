import { foldKey, parentOf, type RelPath } from '../paths.ts';
import { dependencyFolderOf, environmentMark } from './dependencyNames.ts';
import type { WholeListing } from './guestTable.ts';
import { byPath, foldersOf, isWithin, sameSide } from './tree.ts';
import type { GuestRow, Node, Skipped, SkipWhy, Tree } from './types.ts';

export interface SelectLimits {
  /** Most files that are taken in. */
  readonly maxFiles: number;
  readonly maxFileBytes: number;
}

export interface SelectContext {
  readonly ancestor: Tree;
  readonly theirs: Tree;
  readonly exclude: ReadonlySet<RelPath>;
  readonly limits: SelectLimits;
  /** Which of these new paths the folder's own rules leave out. */
  readonly ignored: (paths: readonly RelPath[]) => Promise<ReadonlySet<RelPath>>;
}

/** What of a listing is taken in, what is not, and why. */
export interface Selection {
  /** Files whose bytes count. */
  readonly files: ReadonlyMap<RelPath, GuestRow>;
  /** Links that stand as they were sent, and empty folders. */
  readonly others: ReadonlyMap<RelPath, Node>;
  readonly skipped: readonly Skipped[];
  /** Paths that are there but not taken in, and folders below which nothing is known. */
  readonly opaque: ReadonlySet<RelPath>;
}

/** Sorts a listing into what is taken in and what is left inside. */
export async function select(listing: WholeListing, context: SelectContext): Promise<Selection> {
  const rows = [...listing.rows.values()].sort((a, b) => byPath(a.path, b.path));
  const sorting = new Sorting(context);
  const { ancestor, exclude } = context;
  const agreedFolders = foldersOf(ancestor.keys());
  const isAgreed = (path: RelPath) => ancestor.has(path) || agreedFolders.has(path);
  const installed = installedFolders(rows, ancestor, agreedFolders);
  for (const path of installed) sorting.passOver(path, agreedFolders.has(path));
  const wanted = rows.filter(({ path }) => {
    return !isWithin(path, exclude) && (isAgreed(path) || !isWithin(path, installed));
  });
  for (const path of listing.unreadable) sorting.skip(path, 'unreadable');
  for (const { path } of wanted) {
    if (hasControl.test(path) && !isAgreed(path) && !isWithin(path, sorting.opaque)) sorting.skip(path, 'bad-name');
  }
  for (const row of collisionsOf(wanted, context)) sorting.skip(row.path, 'case-collision');
  const news = wanted.filter(({ path, type }) => type === 'file' && !sorting.isKnown(path)).map(({ path }) => path);
  const ignored = news.length === 0 ? new Set<RelPath>() : await context.ignored(news);
  for (const row of wanted) if (!ignored.has(row.path)) sorting.add(row, listing);
  sorting.addEmptyFolders(wanted, rows);
  return sorting;
}

/** Controls in a name serve to forge what is shown of it. */
const hasControl = /\p{Cc}/u;

/**
 * The outermost folders of installed packages: known by their name, or virtual environments of which nothing is ours.
 * What is made in them runs with whatever uses it, whoever made it.
 */
function installedFolders(rows: readonly GuestRow[], ancestor: Tree, agreedFolders: ReadonlySet<RelPath>) {
  const found = new Set<RelPath>();
  for (const { path } of rows) {
    const parent = parentOf(path);
    const isMark = parent !== undefined && path.endsWith(`/${environmentMark}`) && !agreedFolders.has(parent);
    const folder = dependencyFolderOf(path) ?? (isMark ? parent : undefined);
    if (folder !== undefined && (ancestor.get(folder)?.t ?? 'dir') === 'dir') found.add(folder);
  }
  const isInner = (folder: RelPath) => {
    const up = parentOf(folder);
    return up !== undefined && isWithin(up, found);
  };
  return new Set([...found].filter((folder) => !isInner(folder)));
}

class Sorting implements Selection {
  readonly files = new Map<RelPath, GuestRow>();
  readonly others = new Map<RelPath, Node>();
  readonly skipped: Skipped[] = [];
  readonly opaque = new Set<RelPath>();
  readonly #context: SelectContext;

  constructor(context: SelectContext) {
    this.#context = context;
  }

  isKnown(path: RelPath): boolean {
    return this.#context.ancestor.has(path) || this.#context.theirs.has(path);
  }

  skip(path: RelPath, why: SkipWhy): void {
    this.skipped.push({ path, why });
    this.opaque.add(path);
  }

  /** Names a folder of which only what is ours already is taken in: nothing where none of it is. */
  passOver(folder: RelPath, holdsOurs: boolean): void {
    this.skipped.push({ path: folder, why: 'dependency' });
    if (!holdsOurs) this.opaque.add(folder);
  }

  add(row: GuestRow, listing: WholeListing): void {
    const { limits } = this.#context;
    if (isWithin(row.path, this.opaque)) return;
    const parent = parentOf(row.path);
    const holder = parent === undefined ? undefined : listing.rows.get(parent);
    if (holder !== undefined && holder.type !== 'dir') this.skip(row.path, 'bad-name');
    else if (row.type === 'link') this.#addLink(row);
    else if (row.type === 'other') this.skip(row.path, 'special-file');
    else if (row.type === 'file') {
      if (row.size > limits.maxFileBytes) this.skip(row.path, 'too-large');
      else if (this.files.size >= limits.maxFiles) this.skip(row.path, 'too-many');
      else this.files.set(row.path, row);
    }
  }

  /** A link that the sandbox made or changed never comes home: it would lead wherever it likes. */
  #addLink(row: GuestRow): void {
    const link: Node | undefined = row.target === undefined ? undefined : { t: 'link', target: row.target };
    const was = this.#context.ancestor.get(row.path);
    if (link !== undefined && was !== undefined && sameSide(link, was)) this.others.set(row.path, link);
    else this.skip(row.path, 'link');
  }

  /** A folder is empty when the listing, and not only what is taken of it, has nothing below it. */
  addEmptyFolders(wanted: readonly GuestRow[], rows: readonly GuestRow[]): void {
    const full = foldersOf([...rows.map(({ path }) => path), ...this.#context.exclude]);
    for (const { path, type } of wanted) {
      if (type === 'dir' && !full.has(path) && !isWithin(path, this.opaque)) this.others.set(path, { t: 'dir' });
    }
  }
}

/**
 * New rows whose spelling is, on some file system, that of another row. What both sides know already stays; of two new
 * ones the first in canonical order does.
 */
function collisionsOf(rows: readonly GuestRow[], { ancestor, theirs }: SelectContext): GuestRow[] {
  const known = new Set([...ancestor.keys(), ...theirs.keys()]);
  for (const folder of foldersOf(known)) known.add(folder);
  // After most turns there is nothing new, and folding thousands of names would be for nothing.
  if (rows.every(({ path }) => known.has(path))) return [];
  const taken = new Map<string, RelPath>();
  for (const { path } of rows) if (known.has(path)) taken.set(foldKey(path), path);
  return rows.filter(({ path }) => {
    if (known.has(path)) return false;
    const key = foldKey(path);
    if (taken.has(key)) return true;
    taken.set(key, path);
    return false;
  });
}

/**
 * True where the absence of `path` in a listing proves that it is gone: its folder was read whole, or is gone itself, or
 * a file stands in its place.
 */
export function isProvenAbsent(path: RelPath, listing: WholeListing, opaque: ReadonlySet<RelPath>): boolean {
  if (listing.torn || isWithin(path, opaque)) return false;
  for (let up = parentOf(path); up !== undefined; up = parentOf(up)) {
    const row = listing.rows.get(up);
    if (row !== undefined) return row.type === 'dir' || row.type === 'file';
  }
  return true;
}
