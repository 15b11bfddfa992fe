import {
  Disposable,
  EventEmitter,
  FilePermission,
  FileSystemError,
  FileType,
  MarkdownString,
  workspace,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
  type Uri,
} from 'vscode';
import type { Session } from '../../core/session/api.ts';
import { AirlockError } from '../../core/problem.ts';
import { parseReviewUri, type ReviewTarget } from './uris.ts';

/** Finds the session that a review URI names, where this window has it open. */
export type FindSession = (id: string) => Promise<Session | undefined>;

/** The sides of change sets as read-only files. What is shown comes from the frozen set, never from the live sandbox. */
export class ReviewFiles implements FileSystemProvider {
  readonly #find: FindSession;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(find: FindSession) {
    this.#find = find;
  }

  register(scheme: string): Disposable {
    const isReadonly = new MarkdownString(
      'This is what the sandbox holds. Apply the change to edit it in your folder.',
    );
    return workspace.registerFileSystemProvider(scheme, this, { isReadonly, isCaseSensitive: true });
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { bytes, asOf } = await this.#content(uri);
    return { type: FileType.File, ctime: asOf, mtime: asOf, size: bytes.length, permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return (await this.#content(uri)).bytes;
  }

  /** A side of a set never changes. */
  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  readDirectory(uri: Uri): never {
    throw FileSystemError.FileNotFound(uri);
  }

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  delete(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  async #content(uri: Uri): Promise<{ bytes: Uint8Array; asOf: number }> {
    const target = parseReviewUri(uri);
    const session = target && (await this.#find(target.session));
    const bytes = target && session && (await read(session, target));
    if (bytes === undefined) throw FileSystemError.FileNotFound(uri);
    const current = session?.changes();
    return { bytes, asOf: current?.id === target?.set ? (current?.asOf ?? 0) : 0 };
  }
}

/** A set that is no longer kept counts as absent; damage in the store does not. */
async function read(session: Session, { set, path, side }: ReviewTarget): Promise<Uint8Array | undefined> {
  try {
    return await session.content(set, path, side);
  } catch (error) {
    if (error instanceof AirlockError && error.problem.id === 'not-found') return undefined;
    throw error;
  }
}
