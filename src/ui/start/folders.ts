import { window, workspace, type WorkspaceFolder } from 'vscode';
import { AirlockError, type Problem } from '../../core/problem.ts';
import type { OpenFolder } from '../parts.ts';
import { whyBlocked } from './blocked.ts';

/** The opened folders that lie on this machine's disk. */
export function openFolders(): readonly OpenFolder[] {
  return (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(openFolder);
}

/** Why no agent can work in this window; undefined when one can. */
export function windowProblem(): Problem | undefined {
  const schemes = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.scheme);
  return whyBlocked({ trusted: workspace.isTrusted, schemes });
}

/** Throws in Restricted Mode: opening a session starts its sandbox and may finish an apply that was cut off. */
export function requireTrust(): void {
  const blocked = windowProblem();
  if (blocked?.id === 'untrusted') throw new AirlockError(blocked);
}

/** The folder to work on; asks where several are open. Throws the reason where there is none; undefined: dismissed. */
export async function pickFolder(): Promise<OpenFolder | undefined> {
  const blocked = windowProblem();
  if (blocked !== undefined) throw new AirlockError(blocked);
  const [only, ...others] = openFolders();
  if (only === undefined || others.length === 0) return only;
  const picked = await window.showWorkspaceFolderPick({ placeHolder: 'Which folder should the agent work on?' });
  return picked === undefined ? undefined : openFolder(picked);
}

function openFolder(folder: WorkspaceFolder): OpenFolder {
  return { uri: folder.uri.toString(), path: folder.uri.fsPath, name: folder.name };
}
