/** What an editor holds open: a text document, or a notebook, whose cells have addresses of their own. */
export interface OpenFile {
  readonly isDirty: boolean;
  readonly uri: { toString(): string };
  save(): PromiseLike<boolean>;
}

/** Those of the open files with unsaved edits that are among `files`, each once. */
export function unsavedAmong<T extends OpenFile>(open: readonly T[], files: readonly T['uri'][]): readonly T[] {
  const wanted = new Set(files.map(String));
  return open.filter(({ isDirty, uri }) => isDirty && wanted.has(uri.toString()));
}
