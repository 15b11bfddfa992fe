/** One thing that a `localFile` or `localDir` entry of a manifest brings in from this machine. */
export interface LocalItem {
  /** Relative to the source, `/` between its parts; empty for a source that is a file. */
  readonly path: string;
  readonly kind: 'file' | 'dir';
  readonly executable: boolean;
  readonly bytes: Uint8Array;
}

/** Reads files of this machine for a manifest. Links are never followed: a source that holds one is refused. */
export type LocalSources = (source: string, kind: 'file' | 'dir') => AsyncIterable<LocalItem>;
