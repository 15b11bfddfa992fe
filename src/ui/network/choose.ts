import { QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import type { AllowedHost } from '../../core/network/allowed.ts';
import { ruleText, type HostRule } from '../../core/network/hostRule.ts';
import { presets, type Preset } from '../../core/network/presets.ts';
import { differenceOf, isWhole, rulesIn, type Choice } from './choice.ts';

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
      placeHolder: 'What its programs may reach by HTTP and HTTPS',
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
  const description = [...(caution === undefined ? [] : [caution]), hosts.join(', ')].join(' · ');
  return { label: title, description, picked: isPicked, preset };
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
