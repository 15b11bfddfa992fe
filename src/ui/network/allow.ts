import { window } from 'vscode';
import type { Lasts } from '../../core/network/allowed.ts';
import { ruleText, type HostRule } from '../../core/network/hostRule.ts';
import { fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { confirmHosts } from '../gestures.ts';
import { memberOf, textOf } from '../narrow.ts';
import type { Services } from '../services.ts';
import { chooseHosts } from './choose.ts';
import { questionOf, ruleFor } from './question.ts';

const notRunning = 'The sandbox is not running. Hosts are allowed to a running one.';

/** Lets a person choose hosts of the shown session, and asks before any is added. */
export async function allowHosts(services: Services): Promise<void> {
  const session = listedSession(services);
  const choice = await chooseHosts(session.network.view().allowed);
  if (choice === undefined) return;
  if (choice.remove.length > 0) await takeBack(services, session, choice.remove);
  if (choice.add.length > 0) await askAndAllow(services, session, choice.add);
}

/** Asks about the host of a refused connection: the tree's row, looked up again by its id. */
export async function allowRefused(services: Services, row: unknown): Promise<void> {
  const session = listedSession(services);
  const id = textOf(memberOf(memberOf(row, 'connection'), 'id'));
  const found = session.network.view().connections.find((connection) => connection.id === id);
  if (found?.state !== 'refused') fail('not-found', 'This connection is no longer in the list.');
  await askAndAllow(services, session, [ruleFor(found.target, found.why === 'private')]);
}

/** Takes an allowed host back: the tree's row, or picked from a list. */
export async function revokeHost(services: Services, row: unknown): Promise<void> {
  const session = services.active.required();
  const texts = session.network.view().allowed.map(({ rule }) => ruleText(rule));
  const chosen = hostIn(row) ?? (await window.showQuickPick(texts, { title: 'Stop Allowing Host' }));
  if (chosen !== undefined) await takeBack(services, session, [chosen]);
}

/** The native question, then what it was answered with. */
export async function askAndAllow(services: Services, session: Session, rules: readonly HostRule[]): Promise<void> {
  const answer = await confirmHosts(session, rules, questionOf(rules));
  if (answer === undefined) return;
  const { gesture, lasts } = answer;
  await session.network.allow(rules, lasts, gesture);
  await remember(services, session, rules, lasts);
}

async function remember(
  { taste }: Services,
  session: Session,
  rules: readonly HostRule[],
  lasts: Lasts,
): Promise<void> {
  const folder = session.folder?.uri;
  if (folder === undefined || lasts !== 'folder') return;
  const texts = new Set(rules.map(ruleText));
  await taste.setHosts(folder, [...taste.hosts(folder).filter((rule) => !texts.has(ruleText(rule))), ...rules]);
}

async function takeBack({ taste }: Services, session: Session, texts: readonly string[]): Promise<void> {
  const folder = session.folder?.uri;
  await session.network.revoke(texts);
  if (folder === undefined) return;
  const kept = taste.hosts(folder);
  const rest = kept.filter((rule) => !texts.includes(ruleText(rule)));
  if (rest.length !== kept.length) await taste.setHosts(folder, rest);
}

/** The rule's text in a row of the tree. */
function hostIn(row: unknown): string | undefined {
  const rule = memberOf(memberOf(row, 'host'), 'rule');
  const [host, ports] = [textOf(memberOf(rule, 'host')), memberOf(rule, 'ports')];
  if (host === undefined || !Array.isArray(ports)) return undefined;
  return ruleText({ host, ports: ports.map(Number) });
}

function listedSession({ active }: Services): Session {
  const session = active.required();
  const { egress } = session.network.view();
  if (egress === 'unknown') fail('sandbox-gone', notRunning, { fix: 'restart-sandbox' });
  if (egress === 'none') fail('unsupported', 'This sandbox has no network, and none can be given to it.');
  if (egress === 'open') fail('unsupported', 'The network of this sandbox is open: there is no list to keep to.');
  return session;
}
