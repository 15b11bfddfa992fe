import { env, Uri, window, type QuickPickItem } from 'vscode';
import { fail } from '../../core/problem.ts';
import type { Services } from '../services.ts';

/** Opens the page where a person manages an account, in a browser outside; asks which where there are several. */
export async function openAccount({ parts }: Services): Promise<void> {
  const items = (await parts.providers()).flatMap(({ accountUrl, title }): (QuickPickItem & { url: string })[] =>
    accountUrl === undefined ? [] : [{ label: title, description: accountUrl, url: accountUrl }],
  );
  const [only, ...others] = items;
  if (only === undefined) fail('unsupported', 'No kind of sandbox here has an account.');
  const picked = others.length === 0 ? only : await window.showQuickPick(items, { title: 'Open Account Page' });
  if (picked !== undefined) await env.openExternal(Uri.parse(picked.url, true));
}
