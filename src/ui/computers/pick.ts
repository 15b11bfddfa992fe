import { window, type QuickPickItem } from 'vscode';
import { fail } from '../../core/problem.ts';
import type { Computer } from '../../core/computers/index.ts';
import { memberOf, textOf } from '../narrow.ts';
import { valueOf, withCancel } from '../progress.ts';
import type { Services } from '../services.ts';
import { computerRow } from './rows.ts';

interface ComputerItem extends QuickPickItem {
  readonly computer: Computer;
}

/** The computer that a command is about, as it is listed now: the tree's row by its key, or one picked from a list. */
export async function pickComputer(
  { parts }: Services,
  arg: unknown,
  title: string,
  fits: (computer: Computer) => boolean = () => true,
): Promise<Computer | undefined> {
  const computers = await parts.computers();
  const listing = valueOf(await withCancel('Looking for computers', (_say, signal) => computers.list(signal)));
  if (listing === undefined) return undefined;
  const key = textOf(memberOf(memberOf(arg, 'computer'), 'key'));
  if (key !== undefined) {
    return listing.computers.find((one) => one.key === key) ?? fail('not-found', 'This computer is gone.');
  }
  const items = listing.computers.filter(fits).map((computer): ComputerItem => {
    const { label, description, icon } = computerRow(computer);
    return { computer, label: `$(${icon}) ${label}`, description };
  });
  if (items.length === 0) fail('not-found', 'There is no computer that this could be done to.');
  return (await window.showQuickPick(items, { title, matchOnDescription: true }))?.computer;
}
