import { type Inside, prepareInside as prepare } from '../relay/prepare.ts';
import { type Api, mostCommand } from './api/client.ts';

const seconds = 60;

/** Prepares a running computer for work, and has it shut itself down after `idleMinutes` (undefined: left as it is). */
export function prepareInside(
  api: Api,
  computer: string,
  idleMinutes: number | undefined,
  signal?: AbortSignal,
): Promise<Inside> {
  const run = async (command: string) => (await api.exec(computer, command, seconds, true, signal)).stdout;
  return prepare(run, { mostCommand, idleMinutes });
}
