import { pack } from 'tar-stream';

/** What {@link tarOf} packs: bytes of a plain file, or an entry with its own mode or kind. */
export type TarEntry =
  | string
  | Uint8Array
  | { readonly bytes: string | Uint8Array; readonly mode: number }
  | { readonly link: string }
  | { readonly folder: true };

/** A plain tar of the given entries by name, in order. Files are 0644 and folders 0755 unless said otherwise. */
export async function* tarOf(entries: Iterable<readonly [string, TarEntry]>): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const written = (async () => {
    for (const [name, entry] of entries) await addEntry(archive, name, entry);
    archive.finalize();
  })();
  // A reader that leaves early never hears of it.
  written.catch(() => undefined);
  for await (const bytes of archive) yield bytes as Uint8Array;
  await written;
}

type Archive = ReturnType<typeof pack>;

function addEntry(archive: Archive, name: string, entry: TarEntry): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      if (error) reject(error);
      else resolve();
    };
    if (typeof entry === 'string' || entry instanceof Uint8Array) {
      archive.entry({ name, mode: 0o644 }, Buffer.from(entry), done);
    } else if ('link' in entry) archive.entry({ name, type: 'symlink', linkname: entry.link }, done);
    else if ('folder' in entry) archive.entry({ name, type: 'directory', mode: 0o755 }, done);
    else archive.entry({ name, mode: entry.mode }, Buffer.from(entry.bytes), done);
  });
}

/** Names that break careless code: blanks, quotes, newlines, wildcards, option-like, unicode, long. */
export const awkwardNames = [
  'plain.txt',
  'with blank.txt',
  ' leading and trailing ',
  "it's",
  '"quoted"',
  'new\nline',
  '\nstarts with a newline',
  'ends with a newline\n',
  'tab\there',
  '-rf',
  '--help',
  '*',
  '?',
  '[abc]',
  '$(touch pwned)',
  '`id`',
  '%s%n',
  '~',
  '#hash',
  'ünïcödé',
  'u\u0308 decomposed',
  '文件',
  '🙂.md',
  '.hidden',
  '..twodots',
  `${'long-name-'.repeat(24)}x`,
] as const;
