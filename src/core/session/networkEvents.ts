import { z } from 'zod';
import { hostRule, ruleText, type HostRule } from '../network/hostRule.ts';
import type { Connection } from '../network/connections.ts';
import type { Carried } from '../network/traffic.ts';
import type { Refusal } from '../network/refusal.ts';

/** A rule as the log holds it. */
const ruleShape = z.object({
  host: z.string(),
  ports: z.array(z.number()).readonly(),
  lan: z.literal(true).optional(),
});

const refusalShape = z.enum([
  'not-allowed',
  'port',
  'address',
  'malformed',
  'other-name',
  'no-name',
  'private',
  'loopback',
  'link-local',
  'metadata',
  'reserved',
  'own',
  'taken-back',
  'unknown-host',
  'unreachable',
] satisfies Refusal[]);

export const hostsAllowedShape = z.object({
  t: z.literal('hosts-allowed'),
  hosts: z.array(ruleShape),
  lasts: z.enum(['session', 'folder']),
});

export const hostsRevokedShape = z.object({ t: z.literal('hosts-revoked'), hosts: z.array(z.string()) });

/** A connection that ended, or was refused. */
export const connectionShape = z.object({
  t: z.literal('connection'),
  id: z.string(),
  host: z.string(),
  port: z.number(),
  state: z.enum(['closed', 'refused', 'failed']),
  why: refusalShape.optional(),
  sent: z.number(),
  received: z.number(),
});

/** What went through one rule so far, where there were too many connections to write each down. */
export const trafficShape = z.object({
  t: z.literal('traffic'),
  rule: z.string(),
  connections: z.number(),
  sent: z.number(),
  received: z.number(),
});

/** What went through one rule, as the log keeps it. */
export function trafficEvent(carried: Carried): z.infer<typeof trafficShape> {
  return { t: 'traffic', ...carried };
}

/** The rules of a record that are still rules now. */
export function rulesIn({ hosts }: z.infer<typeof hostsAllowedShape>): readonly HostRule[] {
  return hosts.flatMap(({ host, ports, lan }) => {
    const parsed = hostRule(host, ports, lan === true);
    return parsed.ok ? [parsed.rule] : [];
  });
}

/** A connection as the log keeps it; one that is still open counts as closed when it is read back. */
export function connectionEvent(connection: Connection): z.infer<typeof connectionShape> {
  const { id, target, why, sent, received } = connection;
  const state = connection.state === 'open' ? 'closed' : connection.state;
  return { t: 'connection', id, ...target, state, ...(why === undefined ? {} : { why }), sent, received };
}

/** A connection as it was logged at a time, in milliseconds since the epoch. */
export function connectionOf(event: z.infer<typeof connectionShape>, at: number): Connection {
  const { id, host, port, state, why, sent, received } = event;
  const target = { host, port };
  return { id, target, at, state, ...(why === undefined ? {} : { why }), sent, received, times: 1 };
}

/** What a person allowed, as a sentence. */
export function allowedText(event: z.infer<typeof hostsAllowedShape>): string {
  const hosts = rulesIn(event).map(
    (rule) => `${ruleText(rule)}${rule.lan === true ? ' (also in a private network)' : ''}`,
  );
  const until = event.lasts === 'session' ? 'until the session ends' : 'in sessions of this folder';
  return `You let the sandbox reach ${hosts.join(', ')} ${until}.`;
}

/** What a person took back, as a sentence. */
export function revokedText({ hosts }: z.infer<typeof hostsRevokedShape>): string {
  return `The sandbox can no longer reach ${hosts.join(', ')}.`;
}
