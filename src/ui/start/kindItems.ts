import { QuickPickItemKind, type QuickPickItem } from 'vscode';
import { isHosted, isUsableHere, wantsSignIn, type Kind } from './kinds.ts';

/** A kind of sandbox as it is offered. */
export interface KindItem extends QuickPickItem {
  /** Absent for a line between groups. */
  readonly found?: Kind;
}

/** The choice of where the agent works: what stays on this machine comes first, and its first is what Enter takes. */
export function kindItems(kinds: readonly Kind[], remembered: string | undefined): readonly KindItem[] {
  const local = kinds.filter(isUsableHere);
  const rest = kinds.filter((kind) => !isUsableHere(kind));
  const isCurrent = ({ provider }: Kind) => provider.id === remembered;
  const items = [...local.filter(isCurrent), ...rest.filter(isCurrent)];
  const others = [...local, ...rest].filter((kind) => !isCurrent(kind));
  const line = (label: string): KindItem => ({ label, kind: QuickPickItemKind.Separator });
  return [
    ...(items.length === 0 ? [] : [line('in use for this folder'), ...items.map(kindItem), line('others')]),
    ...others.map(kindItem),
  ];
}

function kindItem(kind: Kind): KindItem {
  const { provider, probe } = kind;
  const item = (icon: string, description: string, detail = provider.isolation): KindItem => ({
    found: kind,
    label: `$(${icon}) ${provider.title}`,
    description,
    detail,
  });
  if (wantsSignIn(kind)) return item('sign-in', 'sign in first');
  if (!probe.ready) return item('warning', 'not ready', probe.problem.detail);
  return isHosted(probe.caps) ? item('cloud', 'files leave this machine') : item('vm', 'on this machine');
}
