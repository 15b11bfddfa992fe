import { closeSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { protocolVersion, line, type KeeperConfig, type KeeperReady } from '../wire.ts';
import { Held } from './held.ts';
import { watchMemory } from './memory.ts';
import { serveClients } from './serve.ts';

const ticketEveryMs = 1000;

/**
 * The keeper: holds one sandbox while the program that asked for it reloads, crashes or is replaced, and ends it when
 * nobody came back in time. When the keeper itself ends, the sandbox ends with it.
 */
async function main(): Promise<void> {
  closeInherited();
  const config = JSON.parse(await readInput()) as KeeperConfig;
  if (config.v !== protocolVersion) throw new Error('The keeper speaks another version.');
  // Whoever started it may be gone: a broken pipe or a closed terminal must not end the sandbox.
  for (const signal of ['SIGHUP', 'SIGPIPE', 'SIGINT'] as const) process.on(signal, () => undefined);
  renameSync(config.ticket, config.taken);
  const held = await Held.start(config);
  process.on('SIGTERM', () => void held.stop().then(() => process.exit(0)));
  await serveClients(config, held);
  watchMemory(held, config.memoryMb);
  watchTicket(held, config.taken);
  answer({ ready: true, child: held.child, childStart: held.childStart });
}

/** A sandbox whose files were removed is of no use to anyone, and nobody can find it any more. */
function watchTicket(held: Held, taken: string): void {
  setInterval(() => {
    if (!existsSync(taken)) void held.stop();
  }, ticketEveryMs);
}

/**
 * Descriptors that an editor or a shell left open would reach the sandbox, as bubblewrap closes nothing. The runtime's
 * own are all marked to close when a program starts.
 */
function closeInherited(): void {
  const closesOnExec = 0o2000000;
  if (!existsSync('/proc/self/fdinfo')) return;
  for (const fd of readdirSync('/proc/self/fdinfo').map(Number)) {
    if (fd <= 2) continue;
    try {
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
      if ((Number.parseInt(flags, 8) & closesOnExec) === 0) closeSync(fd);
    } catch {
      // The descriptor that listed the others has gone.
    }
  }
}

async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

function answer(ready: KeeperReady): void {
  process.stdout.on('error', () => undefined);
  process.stdout.write(line(ready));
}

process.stderr.on('error', () => undefined);
process.on('uncaughtException', () => undefined);
main().catch((error: unknown) => {
  answer({ ready: false, why: error instanceof Error ? error.message : String(error) });
  setTimeout(() => process.exit(1), 50);
});
