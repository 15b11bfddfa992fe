import { problem, type Problem } from '../../core/problem.ts';

/** What the editor knows about the window, before anything else is asked. */
export interface Window {
  readonly trusted: boolean;
  /** Schemes of the opened folders' URIs. */
  readonly schemes: readonly string[];
}

/** Why no agent can work in this window, in one sentence with one button; undefined when one can. */
export function whyBlocked({ trusted, schemes }: Window): Problem | undefined {
  if (schemes.length === 0) {
    return problem('folder-unavailable', 'Open a folder first: an agent works on a copy of it.', {
      fix: 'open-folder',
    });
  }
  if (!trusted) {
    const text = 'This folder is in Restricted Mode. Trust it to let an agent work on a copy of it.';
    return problem('untrusted', text, { fix: 'manage-trust' });
  }
  if (!schemes.includes('file')) {
    const text = 'This folder is virtual: it has no files on this machine that a sandbox could get a copy of.';
    return problem('folder-unavailable', text, { fix: 'open-folder' });
  }
  return undefined;
}
