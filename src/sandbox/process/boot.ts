import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Machine } from '../../core/machine.ts';
import { AirlockError, problem } from '../../core/problem.ts';
import { endBoot, makeBootFolder, type BootFolder } from './bootFolder.ts';
import { confinementFor } from './compose.ts';
import { classify } from './classify.ts';
import { HostProcesses } from './hostProcess.ts';
import { installProgram, type Place } from './place.ts';
import { makeOwned, type Run, type SessionRecord } from './record.ts';
import { protocolVersion, type Composed, type KeeperConfig } from './wire.ts';

/** What a start needs besides the session itself. */
export interface BootParts {
  readonly machine: Machine;
  readonly place: Place;
  readonly programs: { readonly supervisor: string; readonly keeper: string };
  readonly nodePty?: string;
  /** Overrides the setting. */
  readonly keepAliveMs?: number;
}

const readyWithinMs = 30_000;
const mostReadyLine = 64 * 1024;

const readySchema = z.union([
  z.object({ ready: z.literal(true), child: z.int().min(0), childStart: z.string() }),
  z.object({ ready: z.literal(false), why: z.string() }),
]);

/**
 * Starts a keeper, which starts the sandbox, on a session's files. Throws `sandbox-start-failed` or, where this machine
 * is the cause, the problem with its fix.
 */
export async function boot(parts: BootParts, path: string, record: SessionRecord): Promise<Run> {
  const { machine, place } = parts;
  const incarnation = randomBytes(8).toString('hex');
  const folder = await makeBootFolder(place, path, incarnation);
  try {
    const control = join(folder.sockets, 'ctl');
    await makeOwned(place, control);
    const composed = await confinementFor(parts, path, record, { control, firstBoot: record.boots === 0 });
    const keepAliveMs = parts.keepAliveMs ?? record.settings.keepAliveMinutes * 60_000;
    const made = { folder, control, incarnation, keepAliveMs };
    const config = keeperConfig(place, composed, made, record.settings.memoryMb);
    const keeper = await installProgram(place, parts.programs.keeper, 0o644);
    const child = await machine.start({
      program: machine.runtime.program,
      args: [keeper, folder.path],
      cwd: '/',
      cleanEnv: true,
      env: machine.runtime.env,
      detached: true,
      stdin: Buffer.from(JSON.stringify(config)),
    });
    const ready = await readyLine(child.stdio.read);
    if (!ready.ready) throw new AirlockError(await classify(machine, ready.why));
    return {
      incarnation,
      folder: folder.sockets,
      socket: config.socket,
      keeper: { pid: child.pid, start: (await new HostProcesses(machine).startTimeOf(child.pid)) ?? '' },
      child: { pid: ready.child, start: ready.childStart },
    };
  } catch (error) {
    await endBoot(machine, folder.path);
    throw error;
  }
}

/** Where the supervisor of a run is reached. */
export function supervisorSocket(run: Run): string {
  return join(run.folder, 's');
}

function keeperConfig(
  place: Place,
  composed: Composed,
  made: { folder: BootFolder; control: string; incarnation: string; keepAliveMs: number },
  memoryMb: number,
): KeeperConfig {
  return {
    v: protocolVersion,
    incarnation: made.incarnation,
    ...composed,
    ...(place.drop ?? {}),
    born: join(made.control, 's'),
    moved: join(made.folder.sockets, 's'),
    socket: join(made.folder.sockets, 'k'),
    ticket: made.folder.ticket,
    taken: made.folder.taken,
    mark: made.folder.mark,
    keepAliveMs: made.keepAliveMs,
    memoryMb,
  };
}

async function readyLine(read: AsyncIterable<Uint8Array>): Promise<z.infer<typeof readySchema>> {
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), readyWithinMs);
  });
  const found = (async () => {
    for await (const bytes of read) {
      text += Buffer.from(bytes).toString();
      const end = text.indexOf('\n');
      if (end >= 0) return readySchema.parse(JSON.parse(text.slice(0, end)));
      if (text.length > mostReadyLine) break;
    }
    return undefined;
  })();
  const ready = await Promise.race([found, late]).finally(() => clearTimeout(timer));
  if (ready !== undefined && ready !== 'late') return ready;
  throw new AirlockError(problem('sandbox-start-failed', 'The sandbox did not start in time.'));
}
