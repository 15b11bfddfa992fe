import { parseHostRule, ruleText, type HostRule } from '../../core/network/hostRule.ts';
import { presets, rulesOf, type Preset } from '../../core/network/presets.ts';

/** What a person chose to change. */
export interface Choice {
  readonly add: readonly HostRule[];
  /** Texts of rules. */
  readonly remove: readonly string[];
}

/** True where all hosts of a preset are among these texts of rules. */
export function isWhole(preset: Preset, texts: ReadonlySet<string>): boolean {
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
