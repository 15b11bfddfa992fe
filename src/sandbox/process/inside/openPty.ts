import { statSync } from 'node:fs';
import { shell } from './environment.ts';
import type { Opened, PtyParts, PtyRequest } from './pty.ts';
import { carriedPty } from './ptyCarried.ts';
import { nativePty } from './ptyNative.ts';

/**
 * Opens a terminal by the editor's native module where it was bound and loads, else by the system's `script`, else by
 * Python. Rejects where none of them can be had, and where there is no such folder.
 */
export async function openPty(request: PtyRequest, parts: PtyParts): Promise<Opened> {
  if (statSync(request.cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Error(`There is no folder ${request.cwd}.`);
  }
  const argv = request.argv ?? [shell, '-l'];
  const { nodePty } = parts;
  if (nodePty !== undefined) {
    const { value: pty, mark } = parts.marks.marking(() => nativePty(nodePty, argv, request));
    if (pty !== undefined) return { pty, mark };
  }
  return await carriedPty(argv, request, parts);
}
