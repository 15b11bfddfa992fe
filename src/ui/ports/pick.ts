import { window, type QuickPickItem } from 'vscode';
import { fail } from '../../core/problem.ts';
import type { PortRow } from '../../core/ports/rows.ts';
import type { Session } from '../../core/session/api.ts';
import { memberOf } from '../narrow.ts';
import { portLook } from './rows.ts';

interface PortItem extends QuickPickItem {
  readonly row: PortRow;
}

/** The port that a command is about: the tree's row, looked up again by its number, or one picked from a list. */
export async function pickPort(
  session: Session,
  arg: unknown,
  title: string,
  fits: (row: PortRow) => boolean = () => true,
): Promise<PortRow | undefined> {
  const rows = await seenRows(session);
  const port = memberOf(arg, 'port');
  if (port !== undefined) {
    return rows.find((row) => row.port === port) ?? fail('not-found', 'Nothing listens on this port any more.');
  }
  const items = rows.filter(fits).map((row): PortItem => {
    const { label, description, icon } = portLook(row, false);
    return { row, label: `$(${icon}) ${label}`, description };
  });
  if (items.length === 0) fail('not-found', 'There is no port in the sandbox that this could be done to.');
  return (await window.showQuickPick(items, { title, matchOnDescription: true }))?.row;
}

const lookWithinMs = 3000;

/** The rows now; where nobody looked until now, the first that is seen is waited for. */
async function seenRows({ ports }: Session): Promise<readonly PortRow[]> {
  const looking = ports.look();
  try {
    if (ports.rows().some(({ isListening }) => isListening)) return ports.rows();
    await new Promise<void>((resolve) => {
      const listening = ports.onDidChange(() => done());
      const timer = setTimeout(() => done(), lookWithinMs);
      const done = () => {
        listening.dispose();
        clearTimeout(timer);
        resolve();
      };
    });
    return ports.rows();
  } finally {
    looking.dispose();
  }
}
