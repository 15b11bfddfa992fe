import { applyDiff, type Editor } from '@openai/agents-core';
import type { EditReport } from '../core/agent.ts';
import type { InsideFiles } from './files.ts';
import { isMissing } from './files.ts';

/** Most bytes of a file that `apply_patch` will change. */
const mostBytes = 16 * 1024 * 1024;

type Edited = (edit: EditReport) => void;

/**
 * The editor behind `apply_patch`. Error messages are written for the model, which reads them. `at` checks a path of
 * the model's and makes it absolute.
 */
export function createPatchEditor(files: InsideFiles, at: (path: string) => string, edited: Edited): Editor {
  return {
    createFile: ({ path, diff }) =>
      reported(edited, { kind: 'create', path, diff }, async () => {
        await files.write(at(path), Buffer.from(applyDiff('', diff, 'create')), 'create');
        return `created ${path}`;
      }),
    updateFile: ({ path, diff, moveTo }) =>
      reported(edited, { kind: 'update', path: moveTo ?? path, diff }, async () => {
        const from = at(path);
        const to = moveTo === undefined ? from : at(moveTo);
        const before = await readText(files, from, path);
        const after = diff.trim() === '' ? before : applyDiff(before, diff);
        await files.write(to, Buffer.from(after), to === from ? 'replace' : 'create');
        if (to !== from) await files.remove(from);
        return to === from ? `updated ${path}` : `moved ${path} to ${moveTo}`;
      }),
    deleteFile: ({ path }) =>
      reported(edited, { kind: 'delete', path }, async () => {
        await files.remove(at(path));
        return `deleted ${path}`;
      }),
  };
}

async function readText(files: InsideFiles, absolute: string, path: string): Promise<string> {
  const { bytes, cut } = await files.read(absolute, mostBytes);
  if (cut) throw new Error(`The file is too large to patch: ${path}`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`The file is not UTF-8 text: ${path}`);
  }
}

interface Attempt {
  readonly kind: 'create' | 'update' | 'delete';
  readonly path: string;
  readonly diff?: string;
}

async function reported(
  edited: Edited,
  { kind, path, diff }: Attempt,
  work: () => Promise<string>,
): Promise<{ output: string }> {
  const about = { kind, path, ...(diff === undefined ? {} : { diff }) };
  try {
    const output = await work();
    edited({ ...about, ok: true });
    return { output };
  } catch (error) {
    const detail = isMissing(error) ? `File not found: ${path}` : messageOf(error);
    edited({ ...about, ok: false, detail });
    throw new Error(detail, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
