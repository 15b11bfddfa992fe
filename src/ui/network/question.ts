import { hostRule, ruleText, usualPorts, type HostRule, type Target } from '../../core/network/hostRule.ts';
import { fail } from '../../core/problem.ts';
import type { Question } from '../dialogs.ts';

/** The rule that lets one refused connection through: the usual ports where it is one of them. */
export function ruleFor({ host, port }: Target, lan: boolean): HostRule {
  const parsed = hostRule(host, usualPorts.includes(port) ? usualPorts : [port], lan);
  return parsed.ok ? parsed.rule : fail('bad-input', parsed.why);
}

/** What a person is asked before these hosts are allowed. */
export function questionOf(rules: readonly HostRule[]): Question {
  const texts = rules.map(ruleText);
  const message =
    texts.length === 1 ? `Let the sandbox reach ${texts[0] ?? ''}?` : `Let the sandbox reach ${texts.length} hosts?`;
  const lan = rules.some((rule) => rule.lan === true);
  const detail = [
    ...(texts.length === 1 ? [] : [texts.map((text) => `• ${text}`).join('\n')]),
    'Programs in the sandbox can fetch from there, and can send there whatever they see of your folder.',
    ...(lan ? ['It lies in a private network: what else that machine offers on this port is reached too.'] : []),
  ];
  return { message, detail: detail.join('\n\n') };
}
