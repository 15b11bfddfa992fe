import { AirlockError, fail, problem, problemOf, type Problem } from '../../core/problem.ts';
import type { Created, CreateIntent, SettledCreate, Step } from '../../core/sandbox.ts';
import { hiddenFrom, organizationOf, ownOrganization } from './account.ts';
import type { Computer, ComputerRequest } from './api/client.ts';
import { CallFailed } from './api/http.ts';
import { prepareInside } from './inside.ts';
import { inWords, isGone, reachGone, reachRunning } from './lifecycle.ts';
import type { Ground } from './parts.ts';
import { CelestoSandbox } from './sandbox.ts';
import type { CelestoSettings } from './settings.ts';
import { capabilities } from './capabilities.ts';
import { stateOf } from './state.ts';

/** Minutes after which a computer that we created shuts itself down, unless it is set otherwise. */
export const usualIdleMinutes = 30;

/** A create that was sent so long ago has happened, or never will. */
const settledByItselfMs = 600_000;

export interface CreateParts {
  readonly ground: Ground;
  readonly origin: string;
  readonly settings: CelestoSettings;
  readonly step: (s: Step) => void;
  readonly signal: AbortSignal;
}

/** Creates a computer, or takes the one that the settings name. What was created and cannot be used is deleted. */
export async function createComputer(parts: CreateParts, intent: CreateIntent): Promise<Created> {
  const { ground, settings, step, signal } = parts;
  step({ title: settings.computerId === undefined ? 'Asking for a computer' : 'Looking for the computer' });
  if (signal.aborted) return { kind: 'none', problem: cancelled() };
  let made: Computer | undefined;
  try {
    if (settings.computerId !== undefined) {
      const found = await ground.api.get(settings.computerId, signal);
      return { kind: 'ready', sandbox: await enter(parts, found.id, settings.deleteOnClose ?? false) };
    }
    made = await ask(parts, intent);
    return { kind: 'ready', sandbox: await enter(parts, made.id, settings.deleteOnClose ?? true) };
  } catch (error) {
    const why = problemOf(error, 'sandbox-start-failed');
    ground.log(`celesto: no computer could be had (${why.id}: ${why.detail})`);
    return await withdraw(parts, intent, made, why);
  }
}

async function ask({ ground, origin, settings, signal }: CreateParts, intent: CreateIntent): Promise<Computer> {
  const request = requestFor(settings);
  const before = (await ground.api.list(signal)).map(({ id }) => id);
  const organization = await ownOrganization(ground.api, signal);
  const idleMinutes = settings.idleMinutes ?? usualIdleMinutes;
  const sent = {
    v: 1 as const,
    key: intent.key,
    sentAt: Date.now(),
    origin,
    idleMinutes,
    request: { ...request },
    before,
  };
  const record = organization === undefined ? sent : { ...sent, organization };
  await ground.records.putCreate(record);
  const made = await ground.api.create(request, intent.key, signal);
  await ground.records.putCreate({ ...record, computerId: made.id });
  return made;
}

/** Waits for the computer and prepares it for work. */
async function enter(parts: CreateParts, id: string, deleteOnClose: boolean): Promise<CelestoSandbox> {
  const { ground, origin, settings, step, signal } = parts;
  const told = (status: string) => step({ title: 'Waiting for the computer', detail: inWords(status) });
  const reached = await reachRunning(ground.api, id, { signal, told });
  if (reached === 'gone') throw new AirlockError(problem('sandbox-gone', 'The computer was deleted meanwhile.'));
  step({ title: 'Preparing the computer' });
  const idleMinutes = settings.idleMinutes ?? (settings.computerId === undefined ? usualIdleMinutes : undefined);
  const inside = await prepareInside(ground.api, id, idleMinutes, signal);
  const organization = await organizationOf(ground, id, signal);
  await ground.records.putComputer(id, {
    v: 1,
    incarnation: inside.incarnation,
    deleteOnClose,
    seenAt: Date.now(),
    ...(idleMinutes === undefined ? {} : { idleMinutes }),
    ...(organization === undefined ? {} : { organization }),
  });
  const caps = capabilities(reached);
  return new CelestoSandbox(ground, { computerId: id, origin, deleteOnClose }, inside, idleMinutes, caps);
}

/** Says what became of a create that failed, and leaves nothing behind where that can be known. */
async function withdraw(
  { ground, origin }: CreateParts,
  intent: CreateIntent,
  made: Computer | undefined,
  why: Problem,
): Promise<Created> {
  try {
    if (made !== undefined) return await removed(ground, made.id, why);
    const record = await ground.records.create(intent.key);
    if (record === undefined) return { kind: 'none', problem: why };
    if (why.delivery === 'never-sent') {
      await ground.records.dropCreate(intent.key);
      return { kind: 'none', problem: why };
    }
    // Nobody waits for it any more: what the cancelled request may have made is found and deleted.
    if (why.id === 'aborted') {
      const settled = await settleComputer(ground, origin, intent);
      if (settled.kind === 'never') return { kind: 'none', problem: why };
      if (settled.kind === 'ours') return await removed(ground, settled.id, why);
    }
  } catch {
    // Told below.
  }
  return { kind: 'unknown', problem: { ...why, delivery: 'maybe-sent' } };
}

async function removed(ground: Ground, id: string, why: Problem): Promise<Created> {
  const settled = await reachGone(ground.api, id, {});
  if (settled.kind !== 'done') return { kind: 'unknown', problem: settled.problem };
  await ground.records.dropComputer(id);
  return { kind: 'none', problem: why };
}

function requestFor(settings: CelestoSettings): ComputerRequest {
  const { cpus, memory, image, template, diskSize, networkPolicy } = settings;
  return {
    vcpus: cpus,
    ram_mb: memory,
    image,
    ...(template === '' ? {} : { template_id: template }),
    ...(diskSize === null ? {} : { disk_size_mb: diskSize }),
    ...(networkPolicy === 'open' ? {} : { network_policy: { mode: networkPolicy } }),
  };
}

type SettledComputer = { kind: 'never' } | { kind: 'ours'; id: string } | { kind: 'maybe-ours'; title: string };

/** {@link settleComputer} in the words of the port. */
export async function settleCreate(ground: Ground, origin: string, intent: CreateIntent): Promise<SettledCreate> {
  const settled = await settleComputer(ground, origin, intent);
  if (settled.kind !== 'ours') return settled;
  return { kind: 'ours', state: stateOf({ computerId: settled.id, origin, deleteOnClose: true }) };
}

/**
 * Finds out what became of a create whose answer was lost. The same request with the same key gives the computer that it
 * made; where the listing shows that there is one, that is certain. Throws where the service cannot be asked.
 */
async function settleComputer(ground: Ground, origin: string, intent: CreateIntent): Promise<SettledComputer> {
  const { api, records } = ground;
  const record = await records.create(intent.key);
  if (record === undefined) return { kind: 'never' };
  if (record.origin !== undefined && record.origin !== origin) {
    const detail = `A computer was asked for at another address of Celesto than the one that is set: ${record.origin}.`;
    fail('bad-input', detail, { fix: 'open-settings' });
  }
  const why = await hiddenFrom(api, record.organization);
  if (why !== undefined) throw new AirlockError(why);
  if (record.computerId !== undefined) {
    const found = await api.get(record.computerId).catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    });
    if (found !== undefined && found.status !== 'deleted') return { kind: 'ours', id: found.id };
    await records.dropComputer(record.computerId);
    return { kind: 'never' };
  }
  const since = (await api.list()).filter(({ id }) => !record.before.includes(id));
  const known = await Promise.all(since.map(({ id }) => records.computer(id)));
  const candidates = since.filter((_, at) => known[at] === undefined);
  if (candidates.length === 0 && Date.now() - record.sentAt > settledByItselfMs) {
    await records.dropCreate(intent.key);
    return { kind: 'never' };
  }
  const title = candidates[0]?.name;
  try {
    const { id } = await api.create(
      record.request as unknown as ComputerRequest,
      intent.key,
      new AbortController().signal,
    );
    if (title === undefined || candidates.some((one) => one.id === id)) {
      await records.putCreate({ ...record, computerId: id });
      return { kind: 'ours', id };
    }
    // The key was not honoured: this is yet another one.
    await reachGone(api, id, {});
  } catch (error) {
    if (!(error instanceof CallFailed) || error.problem.delivery === 'maybe-sent') throw error;
    if (['unreachable', 'rate-limited', 'sign-in-needed'].includes(error.problem.id)) throw error;
  }
  if (title !== undefined) return { kind: 'maybe-ours', title };
  await records.dropCreate(intent.key);
  return { kind: 'never' };
}

function cancelled(): Problem {
  return problem('aborted', 'It was cancelled.');
}
