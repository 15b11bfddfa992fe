import type { RelPath } from '../paths.ts';
import type { BlobStore } from '../storage.ts';
import type { PullMember } from './pullReply.ts';
import type { GuestRow, Node, Skipped, SkipWhy } from './types.ts';

export interface IntakeLimits {
  readonly maxFileBytes: number;
  readonly maxBytes: number;
}

/** Takes the bytes that are asked for into the blob store, and nothing else, within its limits. */
export class Intake {
  /** What was taken in or was proven without. */
  readonly nodes = new Map<RelPath, Node>();
  /** Files that changed between being listed and being read: taken in again at the next pull. */
  readonly torn = new Set<RelPath>();
  /** Files that were there and could not be taken in. */
  readonly failed = new Map<RelPath, SkipWhy>();
  files = 0;
  bytes = 0;
  readonly #blobs: BlobStore;
  readonly #limits: IntakeLimits;
  readonly #wanted = new Map<RelPath, GuestRow>();
  #planned = 0;

  constructor(blobs: BlobStore, limits: IntakeLimits) {
    this.#blobs = blobs;
    this.#limits = limits;
  }

  /** Says which files count. `proven` answers with the content of those whose bytes need not come. */
  async want(files: ReadonlyMap<RelPath, GuestRow>, proven: (row: GuestRow) => Node | undefined): Promise<void> {
    for (const [path, row] of files) {
      const known = proven(row);
      if (known !== undefined) this.nodes.set(path, known);
      else if (row.size === 0) this.nodes.set(path, await this.#empty(row));
      else if (this.#planned + row.size > this.#limits.maxBytes) this.failed.set(path, 'too-many');
      else {
        this.#planned += row.size;
        this.#wanted.set(path, row);
      }
    }
  }

  /** The wanted files whose bytes have not come yet. */
  missing(): RelPath[] {
    return [...this.#wanted.keys()];
  }

  async take(member: PullMember): Promise<void> {
    if (member.kind === 'skipped') return;
    const row = this.#wanted.get(member.path);
    if (row === undefined) return;
    if (member.kind === 'file') await this.#takeFile(row, member);
    else if (member.kind === 'same-as') this.#takeAgain(row, member.earlier);
    // A folder or link stands there by now: what the file held is unknown until the next pull.
    else this.#fail(row, 'unreadable');
  }

  async #takeFile(row: GuestRow, member: PullMember & { kind: 'file' }): Promise<void> {
    const { maxFileBytes, maxBytes } = this.#limits;
    if (member.size > maxFileBytes || this.bytes + member.size > maxBytes) {
      this.#fail(row, member.size > maxFileBytes ? 'too-large' : 'too-many');
      return;
    }
    const { blob, size } = await this.#blobs.putStream(member.bytes, maxFileBytes);
    this.#taken(row, { t: 'file', blob, size, exec: member.exec });
    this.files += 1;
    this.bytes += size;
  }

  /** A hard link has the bytes of a file that came before it, if that was one of ours. */
  #takeAgain(row: GuestRow, earlier: RelPath): void {
    const node = this.nodes.get(earlier);
    if (node?.t === 'file') this.#taken(row, { ...node, exec: row.exec });
  }

  #taken(row: GuestRow, node: Node & { t: 'file' }): void {
    if (node.size !== row.size || node.exec !== row.exec) this.torn.add(row.path);
    this.nodes.set(row.path, node);
    this.#wanted.delete(row.path);
  }

  #fail(row: GuestRow, why: SkipWhy): void {
    this.failed.set(row.path, why);
    this.#wanted.delete(row.path);
  }

  async #empty(row: GuestRow): Promise<Node> {
    return { t: 'file', blob: await this.#blobs.put(new Uint8Array(0)), size: 0, exec: row.exec };
  }

  /** What could not be taken in after all. */
  skipped(): Skipped[] {
    for (const [path] of this.#wanted) this.failed.set(path, 'unreadable');
    this.#wanted.clear();
    return [...this.failed].map(([path, why]) => ({ path, why }));
  }
}
