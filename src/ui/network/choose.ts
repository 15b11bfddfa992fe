import { QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import type { AllowedHost } from '../../core/network/allowed.ts';
import { parseHostRule, ruleText, type HostRule } from '../../core/network/hostRule.ts';
import { presets, rulesOf, type Preset } from '../../core/network/presets.ts';

/** What a person chose to change. */
export interface Choice {
  readonly add: readonly HostRule[];
  /** Texts of rules. */
  readonly remove: readonly string[];
}

interface Item extends QuickPickItem {
  readonly preset?: Preset;
}

const byName: Item = { label: 'Other hosts…', description: 'by name, typed next' };

/** Shows the presets with a check where all their hosts are allowed, and asks for names. Undefined: cancelled. */
export async function chooseHosts(allowed: readonly AllowedHost[]): Promise<Choice | undefined> {
  const texts = new Set(allowed.map(({ rule }) => ruleText(rule)));
  const items: Item[] = presets.map((preset) => itemOf(preset, isWhole(preset, texts)));
  const picked = await window.showQuickPick<Item>(
    [byName, { label: 'Package registries', kind: QuickPickItemKind.Separator }, ...items],
    {
      canPickMany: true,
      matchOnDescription: true,
      title: 'Hosts That the Sandbox May Reach',
      placeHolder: 'Check what its programs may reach by HTTP and HTTPS; all else stays shut',
    },
  );
  if (picked === undefined) return undefined;
  const typed = picked.includes(byName) ? await typeHosts() : [];
  if (typed === undefined) return undefined;
  const chosen = picked.flatMap(({ preset }) => (preset === undefined ? [] : [preset]));
  return differenceOf(chosen, typed, texts);
}

function itemOf(preset: Preset, isPicked: boolean): Item {
  const { title, hosts, caution } = preset;
  const description = [hosts.join(', '), ...(caution === undefined ? [] : [caution])].join(' · ');
  return { label: title, description, picked: isPicked, preset };
}

function isWhole(preset: Preset, texts: ReadonlySet<string>): boolean {
  return preset.hosts.every((host) => texts.has(host));
}

/** What changes when exactly these presets are checked: one that was whole and is unchecked goes, unless another needs it. */
export function differenceOf(
  chosen: readonly Preset[],
  typed: readonly HostRule[],
  texts: ReadonlySet<string>,
): Choice {
  const wanted = new Set(chosen.flatMap(({ hosts }) => hosts));
  const left = presets.filter((preset) => isWhole(preset, texts) && !chosen.includes(preset));
  return {
    add: [...chosen.flatMap(rulesOf), ...typed].filter((rule) => !texts.has(ruleText(rule))),
    remove: left.flatMap(({ hosts }) => hosts).filter((host) => !wanted.has(host)),
  };
}

async function typeHosts(): Promise<readonly HostRule[] | undefined> {
  const typed = await window.showInputBox({
    title: 'Hosts by Name',
    prompt: 'One or more names, such as nexus.example.com, *.example.org or example.com:8443',
    ignoreFocusOut: true,
    validateInput: (text) => rulesIn(text).why,
  });
  return typed === undefined ? undefined : rulesIn(typed).rules;
}

/** The rules in a text that separates them by spaces or commas, or the first reason why one is none. */
export function rulesIn(text: string): { readonly rules: readonly HostRule[]; readonly why?: string } {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const rules: HostRule[] = [];
  for (const word of words.length === 0 ? [''] : words) {
    const parsed = parseHostRule(word);
    if (!parsed.ok) return { rules: [], why: words.length > 1 ? `${word}: ${parsed.why}` : parsed.why };
    rules.push(parsed.rule);
  }
  return { rules };
}
