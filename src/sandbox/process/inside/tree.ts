import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFilter } from './marks.ts';
import { environmentHas, listProcesses, type ProcessRow } from './processes.ts';

/** How long a tree that keeps growing is fought before that is admitted. */
const giveUpAfterMs = 5000;
const pauseMs = 2;

/** What is known about a command whose processes are looked for. */
export interface Root {
  readonly pid: number;
  readonly started: number;
  /** `NAME=value` that its environment was given. */
  readonly tag: string;
  readonly mark: number | undefined;
}

/** The other commands of the sandbox: all that are remembered, and whether one of them still runs. */
export interface Others {
  readonly roots: readonly Root[];
  readonly running: boolean;
}

/**
 * Ends a command with everything that it started and checks that nothing of it is left. Answers `tree` when a last look
 * found nothing of it and nothing of doubtful origin; else `group`.
 */
export async function killTree(root: Root, others: () => Others): Promise<'tree' | 'group'> {
  if (!existsSync('/proc/self/stat')) {
    sendSignal(-root.pid, 'SIGKILL');
    return 'group';
  }
  const until = Date.now() + giveUpAfterMs;
  for (;;) {
    const { hits, doubtful, ending } = findTree(root, others());
    if (hits.length === 0 && !ending) return doubtful ? 'group' : 'tree';
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      for (const { pid } of hits) sendSignal(pid, signal);
    }
    if (Date.now() > until) return 'group';
    await sleep(pauseMs);
  }
}

/** Signals a process, or a group when negative; one that has gone is no error. Answers whether it was there. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

interface Tree {
  readonly hits: readonly ProcessRow[];
  /** Something may be of this command or of another one. */
  readonly doubtful: boolean;
  /** Something is on its way out that no longer tells whose it was. */
  readonly ending: boolean;
}

function findTree(root: Root, others: Others): Tree {
  const rows = listProcesses().filter(({ pid }) => pid !== 1 && pid !== process.pid);
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const marks = new Map(rows.map(({ pid }) => [pid, readFilter(String(pid))]));
  const verdicts = new Map<number, boolean>();

  const belongs = (row: ProcessRow): boolean => {
    const known = verdicts.get(row.pid);
    if (known !== undefined) return known;
    verdicts.set(row.pid, false);
    const parent = byPid.get(row.parent);
    const verdict =
      row.pid === root.pid ||
      row.group === root.pid ||
      row.session === root.pid ||
      (root.mark !== undefined && marks.get(row.pid) === root.mark) ||
      environmentHas(row.pid, root.tag) ||
      (parent !== undefined && belongs(parent));
    verdicts.set(row.pid, verdict);
    return verdict;
  };

  const isStray = (row: ProcessRow): boolean => {
    const mark = marks.get(row.pid);
    const isOthers = others.roots.some(
      (other) =>
        row.pid === other.pid ||
        row.session === other.pid ||
        (other.mark !== undefined && mark === other.mark) ||
        environmentHas(row.pid, other.tag),
    );
    return row.parent === 1 && row.started >= root.started && !isOthers;
  };

  /** The mark goes with the memory, which may take a while to free, and can be read of everything that still runs. */
  const isEnding = ({ pid }: ProcessRow): boolean => root.mark !== undefined && marks.get(pid) === undefined;

  const hits = rows.filter(belongs);
  const strays = rows.filter((row) => !verdicts.get(row.pid) && isStray(row));
  if (!others.running) return { hits: [...hits, ...strays], doubtful: false, ending: false };
  return { hits, doubtful: strays.some((row) => !isEnding(row)), ending: strays.some(isEnding) };
}
