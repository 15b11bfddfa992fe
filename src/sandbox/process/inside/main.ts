import { chmodSync } from 'node:fs';
import { Commands } from './commands.ts';
import { readConfig } from './config.ts';
import { limitsNotInForce } from './limits.ts';
import { NetworkRelay } from './network.ts';
import { PipePool } from './pipes.ts';
import { serve } from './server.ts';
import { Marks } from './marks.ts';
import { Terminals } from './terminals.ts';

/**
 * The supervisor: the first program of ours inside a sandbox. It starts every command, terminal and relay of a session
 * so that what one of them starts is still there for the next. It ends when the keeper outside ends, which it sees as
 * the end of its standard input.
 */
async function main(): Promise<void> {
  const config = readConfig(process.argv[2]);
  const broken = limitsNotInForce(config.limits);
  if (broken !== undefined) throw new Error(`limit not in force: ${broken}`);
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
  process.umask(0o022);
  const pipes = new PipePool(config.scratch);
  await pipes.fill();
  const marks = new Marks();
  const commands = new Commands({ pipes, marks, firstBoot: config.firstBoot });
  const terminals = new Terminals({ marks, scratch: config.scratch, ...config.terminals });
  const server = serve({ commands, terminals, network: new NetworkRelay() });
  server.listen(config.socket, () => {
    chmodSync(config.socket, 0o600);
    process.stdout.write('READY\n');
  });
}

process.on('uncaughtException', (error) => process.stderr.write(`supervisor: ${error.message}\n`));
main().catch((error: unknown) => {
  process.stderr.write(`supervisor: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(70);
});
