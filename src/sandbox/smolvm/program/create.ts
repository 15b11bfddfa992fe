import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import { problem, problemOf, type Problem } from '../../../core/problem.ts';
import type { Step } from '../../../core/sandbox.ts';
import { dataOf, replyOf, startOf, type Reply } from './call.ts';
import { diagnose } from './doctor.ts';
import { consoleOf, emulatorsOf } from './emulators.ts';
import { pullImage } from './images.ts';
import { runInterruptible } from './interruptible.ts';
import { logs, look } from './machines.ts';
import type { SmolvmSettings } from './options.ts';
import type { Program } from './program.ts';
import { problemOfRefusal, type Refusal } from './refusals.ts';
import { remove } from './remove.ts';
import { createdShape, type VmInfo } from './shapes.ts';

const pollMs = 250;
/** Docker may have to build an image first. */
const imageWithinMs = 20 * 60_000;
/** The program takes another port each time: only many who begin at once meet so often. */
const mostAttempts = 5;
const lastLines = 20;
/** What QEMU says where it cannot listen for its guest. */
const portTaken = /Could not set up host forwarding rule/;

/** What a virtual machine is created with. */
export interface CreateAsk {
  readonly name: string;
  readonly settings: SmolvmSettings;
}

/** How a create ended. `none`: nothing is left of it. `unknown`: something may be, under its name. */
export type CreatedVm =
  | { readonly kind: 'ready'; readonly info: VmInfo }
  | { readonly kind: 'none'; readonly problem: Problem }
  | { readonly kind: 'unknown'; readonly problem: Problem };

/**
 * Creates a virtual machine and waits until its system has come up. Whatever ends it early (a refusal, a time-out, a
 * cancel), what it has left is deleted by its name, with the process of which the program may know nothing.
 */
export function createVm(
  program: Program,
  ask: CreateAsk,
  step: (s: Step) => void,
  signal: AbortSignal,
): Promise<CreatedVm> {
  return program.inTurn(`create ${ask.name}`, async () => {
    try {
      step({ title: 'Preparing the microVM' });
      await pullFor(program, ask.settings, step, signal);
      if (signal.aborted) return { kind: 'none', problem: problem('aborted', 'It was cancelled.') };
      return await create(program, ask, step, signal);
    } catch (error) {
      return await withdraw(program, ask.name, problemOf(error, 'sandbox-start-failed'));
    }
  });
}

/** The image that is published rather than built is fetched apart, because its progress can be seen then. */
async function pullFor(
  program: Program,
  { os, backend }: SmolvmSettings,
  step: (s: Step) => void,
  signal: AbortSignal,
): Promise<void> {
  if (os === 'alpine') return;
  const resolved = backend === 'auto' ? (await diagnose(program, undefined, signal)).backend : backend;
  // Which system is taken where none is asked for depends on the backend.
  if (resolved === undefined || (os === 'auto' && resolved !== 'qemu')) return;
  await pullImage(program, resolved, step, signal);
}

async function create(
  program: Program,
  ask: CreateAsk,
  step: (s: Step) => void,
  signal: AbortSignal,
): Promise<CreatedVm> {
  for (let left = mostAttempts - 1; ; left -= 1) {
    const reply = await askOnce(program, ask, step, signal);
    if (reply.kind !== 'refused') {
      const { warnings } = dataOf(reply);
      for (const warning of warnings ?? []) program.ground.log(`smolvm create: ${warning.slice(0, 300)}`);
      return await readyOr(program, ask.name, signal);
    }
    // It is not this create's, so it is not this create's to delete.
    if (reply.refusal.meaning === 'name-taken') return { kind: 'unknown', problem: problemOfRefusal(reply.refusal) };
    const refusal = await withReason(program, ask.name, reply.refusal);
    const withdrawn = await withdraw(program, ask.name, problemOfRefusal(refusal));
    const goesOn = refusal.meaning === 'port-in-use' && withdrawn.kind === 'none' && left > 0 && !signal.aborted;
    if (!goesOn) return withdrawn;
    program.ground.log(
      `smolvm: the port of ${ask.name} was taken by another program meanwhile, another one is asked for`,
    );
  }
}

async function askOnce(
  program: Program,
  ask: CreateAsk,
  step: (s: Step) => void,
  signal: AbortSignal,
): Promise<Reply<z.infer<typeof createdShape>>> {
  const found = await program.found(signal);
  const args = argumentsFor(ask);
  const done = new AbortController();
  const watching = tellBoot(program, ask.name, step, done.signal);
  const limits = { withinMs: imageWithinMs + 4000 * ask.settings.bootTimeout, signal };
  const ran = await runInterruptible(program.ground.machine, startOf(found.program, [...args, '--json']), limits);
  done.abort();
  await watching;
  return replyOf(program.ground, found, args, ran, createdShape);
}

async function readyOr(program: Program, name: string, signal: AbortSignal): Promise<CreatedVm> {
  const truth = await look(program, name, signal);
  if (truth?.process === 'runs') return { kind: 'ready', info: truth.info };
  return await withdraw(program, name, problem('sandbox-start-failed', 'The microVM ended right after its start.'));
}

/** Between the program's look at a port and its emulator's own, another may take it: then the console alone tells so. */
async function withReason(program: Program, name: string, refusal: Refusal): Promise<Refusal> {
  if (refusal.meaning !== 'emulator-ended') return refusal;
  const lines = await logs(program, name, lastLines).catch(() => []);
  return lines.some((line) => portTaken.test(line)) ? { ...refusal, meaning: 'port-in-use' } : refusal;
}

function argumentsFor({ name, settings }: CreateAsk): readonly string[] {
  const { os, backend, memory, diskSize, bootTimeout } = settings;
  const given: readonly (readonly [string, string | number | null])[] = [
    ['--name', name],
    ['--os', os === 'auto' ? null : os],
    ['--backend', backend === 'auto' ? null : backend],
    ['--memory', memory],
    ['--disk-size', diskSize],
    ['--comm-channel', 'ssh'],
    // Only half of it reaches the end of the way that works.
    ['--boot-timeout', 2 * bootTimeout],
  ];
  const flags = given.flatMap(([flag, value]) => (value === null ? [] : [flag, String(value)]));
  return ['sandbox', 'create', ...flags];
}

/** The program is silent until it has done everything; how far it is can be seen from its emulator and the console. */
async function tellBoot(program: Program, name: string, step: (s: Step) => void, done: AbortSignal): Promise<void> {
  const { machine } = program.ground;
  const until = async <T>(found: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const one = await found();
      if (one !== undefined) return one;
      await wait(pollMs, undefined, { signal: done });
    }
  };
  try {
    const emulator = await until(async () => (await emulatorsOf(machine, name))[0]);
    step({ title: 'Booting the microVM' });
    await until(async () => {
      const path = await consoleOf(emulator);
      return path !== undefined && (await stat(path)).size > 0 ? path : undefined;
    });
    step({ title: 'Waiting for SSH in the microVM' });
  } catch {
    // It is over, or cannot be seen here.
  }
}

/** Leaves nothing of a create that failed, and says what is true of it then. */
async function withdraw(program: Program, name: string, why: Problem): Promise<CreatedVm> {
  if (why.id === 'not-started') return { kind: 'none', problem: why };
  const settled = await remove(program, name);
  if (settled.kind === 'done') return { kind: 'none', problem: { ...why, delivery: 'never-sent' } };
  return { kind: 'unknown', problem: { ...why, delivery: 'maybe-sent' } };
}
