import { window, type QuickPickItem } from 'vscode';
import { fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import type { SessionSummary } from '../../shared/view.ts';
import type { Services } from '../services.ts';
import { sessionRow } from './rows.ts';

interface SessionItem extends QuickPickItem {
  readonly session: SessionSummary;
}

/** The session that a command is about: the tree's row, looked up again by its id, or one picked from a list. */
export async function pickSession(
  services: Services,
  arg: unknown,
  title: string,
  fits: (session: SessionSummary) => boolean = () => true,
): Promise<SessionSummary | undefined> {
  const sessions = await services.parts.sessions();
  await sessions.refresh();
  const list = sessions.list();
  const id = idOf(arg);
  if (id !== undefined) return list.find((session) => session.id === id) ?? fail('not-found', 'This session is gone.');
  const items = list.filter((session) => session.readOnly === undefined && fits(session)).map(item);
  if (items.length === 0) fail('not-found', 'There is no sandbox session that this could be done to.');
  return (await window.showQuickPick<SessionItem>(items, { title, matchOnDescription: true }))?.session;
}

/** The session behind a summary, opened where this window has not opened it yet; what is shown stays. */
export async function openedSession(services: Services, summary: SessionSummary): Promise<Session> {
  const sessions = await services.parts.sessions();
  return sessions.opened().find(({ id }) => id === summary.id) ?? (await services.active.open(summary));
}

/** The session of a tree row, else the shown one where it fits, else one picked from a list. */
export async function aboutSession(
  services: Services,
  arg: unknown,
  title: string,
  fits: (session: SessionSummary) => boolean,
): Promise<Session | undefined> {
  const summary = await chosenSession(services, arg, title, fits);
  return summary && (await openedSession(services, summary));
}

/** {@link aboutSession}, not opened yet. */
export async function chosenSession(
  services: Services,
  arg: unknown,
  title: string,
  fits: (session: SessionSummary) => boolean,
): Promise<SessionSummary | undefined> {
  const shown = services.active.current?.summary();
  if (arg === undefined && shown !== undefined && fits(shown)) return shown;
  const summary = await pickSession(services, arg, title, fits);
  if (summary?.elsewhere === true) fail('owned-elsewhere', 'Another window works with this session. Do it there.');
  return summary;
}

function idOf(arg: unknown): string | undefined {
  return typeof arg === 'object' && arg !== null && 'id' in arg && typeof arg.id === 'string' ? arg.id : undefined;
}

function item(session: SessionSummary): SessionItem {
  const row = sessionRow(session, Date.now());
  return { session, label: `$(${row.icon}) ${session.title}`, description: row.description, detail: session.folder };
}
