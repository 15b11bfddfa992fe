// Asks the built-in kind of sandbox whether it works here, or to make a sandbox, and prints the answer as JSON:
//   node test/support/process/trying.ts probe|create <storage> <supervisor> <keeper>
import { thisMachine } from '../../../src/host/spawn.ts';
import { processProvider } from '../../../src/sandbox/process/index.ts';
import { mintId } from '../../../src/shared/ids.ts';

const [what = '', storage = '', supervisor = '', keeper = ''] = process.argv.slice(2);
const never = new AbortController().signal;
const provider = processProvider({
  machine: thisMachine(),
  storage,
  programs: { supervisor, keeper },
  log: () => undefined,
});

async function create(): Promise<unknown> {
  const intent = { session: mintId('session'), key: mintId('op') };
  const created = await provider.create({ settings: {}, toolchains: [] }, intent, () => undefined, never);
  if (created.kind === 'ready') await created.sandbox.delete(never);
  return { ready: created.kind === 'ready', ...created, left: (await provider.inventory(never)).length };
}

process.stdout.write(JSON.stringify(await (what === 'create' ? create() : provider.probe(never))));
