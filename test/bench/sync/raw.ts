import { request } from 'undici';
import type { CelestoDouble } from '../../support/celesto/double.ts';

/** Where the service is, and the key for it. */
export interface Service {
  readonly url: string;
  readonly apiKey: string;
}

/** One command as one plain request of the API. Answers what it printed; throws where it failed. */
export async function rawExec(service: Service, computer: string, command: string): Promise<string> {
  const { statusCode, body } = await request(`${service.url}/v1/computers/${computer}/exec`, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ command, timeout: 60 }),
  });
  const said = (await body.json()) as { exit_code: number; stdout: string; stderr: string };
  if (statusCode !== 200 || said.exit_code !== 0) throw new Error(`${command}: ${JSON.stringify(said)}`);
  return said.stdout;
}

/** What crossed the wire: requests, and bytes of both directions with their headers. */
export interface Cost {
  readonly requests: number;
  readonly bytes: number;
}

export async function costOf<T>(double: CelestoDouble, work: () => Promise<T>): Promise<{ result: T; cost: Cost }> {
  const before = { requests: double.requests.length, ...double.traffic() };
  const result = await work();
  const { received, sent } = double.traffic();
  const bytes = received - before.received + sent - before.sent;
  return { result, cost: { requests: double.requests.length - before.requests, bytes } };
}
