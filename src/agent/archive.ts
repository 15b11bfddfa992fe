import { Readable } from 'node:stream';
import { type ResolvedSandboxArchiveLimits, SandboxArchiveError } from '@openai/agents-core/sandbox';
import { extract, type Header, pack } from 'tar-stream';
import type { PlacedFile } from './manifestEntries.ts';

type Member = Parameters<ReturnType<typeof pack>['entry']>[0];

/** What an archive may hold at most where its caller asked for limits or named none. */
const mostMembers = 1_000_000;

/** A plain tar of files and folders; parents that are not among them are made by whoever unpacks it. */
export function tarOf(files: readonly PlacedFile[]): AsyncIterable<Uint8Array> {
  const tar = pack();
  for (const { path, kind, mode, bytes } of files) {
    if (kind === 'dir') tar.entry({ name: `${path}/`, type: 'directory', mode });
    else tar.entry({ name: path, type: 'file', mode, size: bytes.length }, Buffer.from(bytes));
  }
  tar.finalize();
  return bytesOf(tar);
}

/**
 * Reads a workspace archive member by member, checks it, and hands back a plain tar that holds exactly what was
 * checked. Refused are names that are absolute or lead out, members below a link, devices, duplicates, hard links to
 * anything but an earlier file, members below `ephemeral` paths, and more than `limits`. Symbolic links stay what they
 * are: nothing is ever written through one, and inside a sandbox they can only lead to what is inside.
 */
export async function checkedArchive(
  data: Uint8Array,
  limits: ResolvedSandboxArchiveLimits | null,
  ephemeral: ReadonlySet<string>,
): Promise<Uint8Array> {
  if (limits?.maxInputBytes != null && data.length > limits.maxInputBytes) tooLarge('bytes', limits.maxInputBytes);
  if (data[0] === 0x1f && data[1] === 0x8b) throw new SandboxArchiveError('The workspace archive must be a plain tar.');
  const check = new MemberCheck(limits, ephemeral);
  const checked = pack();
  const collected = collect(bytesOf(checked));
  const members = extract();
  Readable.from(slices(data)).pipe(members);
  try {
    for await (const member of members) {
      const header = check.take(member.header);
      if (header === undefined) member.resume();
      else if (header.type === 'file') checked.entry(header, await collect(bytesOf(member)));
      else {
        member.resume();
        checked.entry(header);
      }
    }
  } catch (error) {
    if (error instanceof SandboxArchiveError) throw error;
    throw new SandboxArchiveError('The workspace archive is not a readable tar.', { cause: String(error) });
  }
  checked.finalize();
  return collected;
}

function* slices(data: Uint8Array): Generator<Uint8Array> {
  const step = 1024 * 1024;
  for (let at = 0; at < data.length; at += step) yield data.subarray(at, at + step);
}

/** The library's streams are not typed as streams of bytes, though they are. */
async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

class MemberCheck {
  readonly #limits: ResolvedSandboxArchiveLimits | null;
  readonly #ephemeral: readonly string[];
  readonly #seen = new Map<string, Header['type']>();
  #bytes = 0;

  constructor(limits: ResolvedSandboxArchiveLimits | null, ephemeral: ReadonlySet<string>) {
    this.#limits = limits;
    this.#ephemeral = [...ephemeral];
  }

  /** The header as it may go on, or undefined for the archive's own root. */
  take(header: Header): Member | undefined {
    const name = header.name.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    if (name === '' || name === '.') return undefined;
    this.#checkName(name);
    this.#count(header);
    const { type } = header;
    this.#seen.set(name, type);
    const mode = header.mode & 0o777;
    switch (type) {
      case 'file':
        return { name, type, mode, size: header.size, mtime: header.mtime };
      case 'directory':
        return { name: `${name}/`, type, mode };
      case 'symlink':
        return { name, type, mode, linkname: header.linkname };
      case 'link':
        return { name, type, mode, linkname: this.#earlierFile(header.linkname) };
      default:
        throw new SandboxArchiveError(`The workspace archive holds a ${type}: ${name}`);
    }
  }

  #checkName(name: string): void {
    const refuse = (why: string): never => {
      throw new SandboxArchiveError(`The workspace archive holds a member that ${why}: ${name}`);
    };
    const parts = name.split('/');
    if (name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.includes('\\')) refuse('is not relative');
    if (parts.some((part) => part === '' || part === '.' || part === '..')) refuse('leads out of the workspace');
    if (name.includes('\0')) refuse('has no valid name');
    const before = this.#seen.get(name);
    if (before !== undefined) refuse('appears twice');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const above = this.#seen.get(parts.slice(0, depth).join('/'));
      if (above !== undefined && above !== 'directory') refuse('lies below something that is no folder');
    }
    if (this.#ephemeral.some((path) => name === path || name.startsWith(`${path}/`))) refuse('is ephemeral');
  }

  #count(header: Header): void {
    this.#bytes += header.size;
    const { maxMembers, maxExtractedBytes } = this.#limits ?? { maxMembers: null, maxExtractedBytes: null };
    const members = maxMembers ?? mostMembers;
    if (this.#seen.size >= members) tooLarge('members', members);
    if (maxExtractedBytes !== null && this.#bytes > maxExtractedBytes) tooLarge('bytes to extract', maxExtractedBytes);
  }

  #earlierFile(linkname: string): string {
    const target = linkname.replace(/^(?:\.\/)+/, '');
    if (this.#seen.get(target) !== 'file') {
      throw new SandboxArchiveError(`The workspace archive holds a hard link to something else: ${linkname}`);
    }
    return target;
  }
}

function tooLarge(what: string, most: number): never {
  throw new SandboxArchiveError(`The workspace archive holds more than ${most} ${what}.`);
}
