import { pack, type Pack } from 'tar-stream';
import type { RelPath } from '../paths.ts';

/** One member of an upload. A file's `bytes` must give exactly `size` bytes. */
export type TarEntry =
  | { readonly kind: 'file'; readonly path: RelPath; readonly exec: boolean; readonly bytes: Uint8Array }
  | {
      readonly kind: 'stream';
      readonly path: RelPath;
      readonly exec: boolean;
      readonly size: number;
      readonly bytes: AsyncIterable<Uint8Array>;
    }
  | { readonly kind: 'link'; readonly path: RelPath; readonly target: string }
  | { readonly kind: 'dir'; readonly path: RelPath };

type Header = Parameters<Pack['entry']>[0];

/** Small writes are gathered to pieces of about this size: each piece costs a round through every pipe on the way. */
const pieceBytes = 64 * 1024;

/** Packs entries into a plain tar as it is read. What `entries` throws, the reader of the tar gets. */
export async function* tarOf(entries: AsyncIterable<TarEntry>, now = new Date()): AsyncGenerator<Uint8Array> {
  const archive = pack({ highWaterMark: pieceBytes });
  const feeding = feed(archive, entries, now).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield* gathered(archive);
  } finally {
    archive.destroy();
    // Not awaited: a read that hangs would keep us.
    void feeding;
  }
}

async function feed(archive: Pack, entries: AsyncIterable<TarEntry>, mtime: Date): Promise<void> {
  for await (const entry of entries) await addEntry(archive, entry, mtime);
}

async function addEntry(archive: Pack, entry: TarEntry, mtime: Date): Promise<void> {
  const name = entry.path;
  switch (entry.kind) {
    case 'file':
      await add(archive, { name, mode: modeOf(entry.exec), mtime, type: 'file' }, Buffer.from(entry.bytes));
      break;
    case 'stream':
      await addStream(archive, { name, mode: modeOf(entry.exec), mtime, size: entry.size }, entry.bytes);
      break;
    case 'link':
      await add(archive, { name, mode: 0o777, mtime, type: 'symlink', linkname: entry.target });
      break;
    case 'dir':
      await add(archive, { name, mode: 0o755, mtime, type: 'directory' });
      break;
  }
}

const modeOf = (exec: boolean) => (exec ? 0o755 : 0o644);

function add(archive: Pack, header: Header, bytes?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (bytes === undefined) archive.entry(header, done);
    else archive.entry(header, bytes, done);
  });
}

async function addStream(archive: Pack, header: Header, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const settled = Promise.withResolvers<undefined>();
  const sink = archive.entry({ ...header, type: 'file' }, (error) => {
    if (error) settled.reject(error);
    else settled.resolve(undefined);
  });
  settled.promise.catch(() => undefined);
  for await (const piece of bytes) {
    if (!sink.write(piece)) await Promise.race([drained(sink), settled.promise]);
  }
  sink.end(null);
  await settled.promise;
}

function drained(sink: ReturnType<Pack['entry']>): Promise<void> {
  return new Promise((resolve) => {
    sink.once('drain', () => resolve());
  });
}

async function* gathered(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    if (!(part instanceof Uint8Array)) continue;
    parts.push(part);
    length += part.length;
    if (length < pieceBytes) continue;
    yield Buffer.concat(parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(parts);
}
