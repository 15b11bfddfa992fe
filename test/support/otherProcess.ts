// Does one job with a provider in a process of its own, as another window or a later start of the editor would:
//   node test/support/otherProcess.ts <harness module> <job as JSON>
// and prints one line of JSON.
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Harness } from '../conformance/harness.ts';
import { createSandbox, resumeSandbox } from '../conformance/harness.ts';
import { run } from '../conformance/running.ts';
import { parseId } from '../../src/shared/ids.ts';

const jobSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('resume'),
    state: z.object({ provider: z.string(), version: z.number(), data: z.unknown() }),
    shell: z.string(),
  }),
  z.object({ do: z.literal('create'), session: z.string(), key: z.string() }),
]);

const [module = '', job = ''] = process.argv.slice(2);
const { harness } = (await import(pathToFileURL(module).href)) as { harness: Harness };
const parsed = jobSchema.parse(JSON.parse(job));
if (parsed.do === 'create') {
  const session = parseId('session', parsed.session);
  if (session === undefined) throw new Error('no session id');
  process.stdout.write('begun\n');
  const sandbox = await createSandbox(harness, { session, key: parsed.key });
  process.stdout.write(`${JSON.stringify(sandbox.state())}\n`);
  // Lives on until it is killed: its answer is to be lost.
  setInterval(() => undefined, 1000);
} else {
  const { kind, sandbox } = await resumeSandbox(harness, parsed.state);
  const { out } = await run(sandbox, parsed.shell);
  const answer = { kind, out, incarnation: sandbox.incarnation, state: sandbox.state() };
  await sandbox.detach();
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
