// Asks the built-in kind of sandbox whether it works here and prints the answer as JSON:
//   node test/support/process/probing.ts <storage> <supervisor> <keeper>
import { thisMachine } from '../../../src/host/spawn.ts';
import { processProvider } from '../../../src/sandbox/process/index.ts';

const [storage = '', supervisor = '', keeper = ''] = process.argv.slice(2);
const provider = processProvider({
  machine: thisMachine(),
  storage,
  programs: { supervisor, keeper },
  log: () => undefined,
});
process.stdout.write(JSON.stringify(await provider.probe(new AbortController().signal)));
