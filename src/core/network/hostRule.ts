import { isLocalName, parseHostName } from './hostName.ts';

/** Where a program inside wants to go: a name as {@link parseHostName} gives it, and a TCP port. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** One line of an allow-list. */
export interface HostRule {
  /** An exact name, or `*.` and a suffix: then every name below the suffix, not the suffix itself. */
  readonly host: string;
  readonly ports: readonly number[];
  /** The name may also lead into a private network. Without this only public addresses are dialled. */
  readonly lan?: true;
}

/** Ports of a rule that names none: https and http. */
export const usualPorts: readonly number[] = [443, 80];

export type ParsedRule = { readonly ok: true; readonly rule: HostRule } | { readonly ok: false; readonly why: string };

/**
 * Reads a rule as a person writes it: `registry.example`, `*.example.org`, `example.org:8443`, or an address of the web
 * that was copied from somewhere, of which scheme and path are dropped.
 */
export function parseHostRule(text: string): ParsedRule {
  const typed = text.trim();
  if (typed === '') return no('Type the name of a host, such as registry.example.com.');
  const url = /^https?:\/\//i.test(typed) ? typed : `http://${typed}`;
  const wild = url.replace(/^(https?:\/\/)\*\./i, '$1');
  const parsed = parseUrl(wild);
  const port = portIn(url);
  if (parsed === undefined || port === 'wrong') return no('This is not the name of a host.');
  const ports = port === undefined ? usualPorts : [port];
  return hostRule(wild === url ? parsed.hostname : `*.${parsed.hostname}`, ports);
}

/** Checks the parts of a rule, from wherever they come. */
export function hostRule(host: string, ports: readonly number[] = usualPorts, lan = false): ParsedRule {
  const suffix = host.startsWith('*.') ? host.slice(2) : undefined;
  const name = parseHostName(suffix ?? host);
  if (name === undefined) return no('This is not the name of a host. Addresses cannot be allowed, only names.');
  if (isLocalName(name)) return no('This name stands for this machine, which a sandbox never reaches.');
  if (suffix !== undefined && !name.includes('.')) return no('This would allow too much: name at least two parts.');
  if (ports.length === 0 || !ports.every(isPort)) return no('A port is a number from 1 to 65535.');
  const own = [...new Set(ports)].sort((a, b) => b - a);
  const rule = { host: suffix === undefined ? name : `*.${name}`, ports: own };
  return { ok: true, rule: lan ? { ...rule, lan: true } : rule };
}

/** The rule as a person writes it. Two rules of one text are the same rule, but for the private network. */
export function ruleText({ host, ports }: HostRule): string {
  const isUsual = ports.length === usualPorts.length && usualPorts.every((port) => ports.includes(port));
  return isUsual ? host : `${host}:${ports.join(',')}`;
}

/** True where the rule names the target's host, whatever its port. */
export function namesHost({ host }: HostRule, target: Target): boolean {
  return host.startsWith('*.') ? target.host.endsWith(host.slice(1)) : target.host === host;
}

/** True where the rule lets the target through. */
export function covers(rule: HostRule, target: Target): boolean {
  return namesHost(rule, target) && rule.ports.includes(target.port);
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function no(why: string): ParsedRule {
  return { ok: false, why };
}

function parseUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url === null || url.username !== '' || url.password !== '' || url.hostname === '' ? undefined : url;
}

/** The port that was written; a URL forgets the one that is its scheme's own. */
function portIn(url: string): number | 'wrong' | undefined {
  const written = /^https?:\/\/[^/?#]*?:([^/?#:\]]*)(?:[/?#]|$)/i.exec(url)?.[1];
  if (written === undefined) return undefined;
  const port = /^\d{1,5}$/.test(written) ? Number(written) : Number.NaN;
  return isPort(port) ? port : 'wrong';
}
