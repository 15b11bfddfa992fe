import { endedFrozenChapter, frozenChapter, holdersInShell } from './frozen.ts';
import { describeFrozen } from './frozenHosted.ts';

describeFrozen('by stream', {}, frozenChapter);
describeFrozen('by terminal', { stream: false }, frozenChapter);
describeFrozen('by requests, in a shell', { stream: false, lacks: ['perl', 'python3'] }, (sandbox) =>
  endedFrozenChapter(sandbox, holdersInShell),
);
