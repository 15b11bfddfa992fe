// The extension's side of the bench in a process of its own, as the published client is in one:
//   node test/bench/sync/ourProgram.ts <url> <key> <source> <storage>
// Each line of its input names what to do; each line of its output is {"ms": taken, "result": answer}.
import { createInterface } from 'node:readline';
import { OurSide } from './ourSide.ts';
import { rawExec } from './raw.ts';

const [url = '', apiKey = '', source = '', storage = ''] = process.argv.slice(2);
const side = await OurSide.open({ url, apiKey }, source, storage);
const orders: Readonly<Record<string, () => unknown>> = {
  computer: () => side.computer,
  hydrate: () => side.hydrate(),
  touched: () => side.sync.touched(),
  pull: () => side.pull(),
  resync: () => side.resync(),
  command: () => side.command(),
  raw: () => rawExec({ url, apiKey }, side.computer, '/bin/true'),
};
for await (const order of createInterface({ input: process.stdin })) {
  const begun = performance.now();
  const result = await orders[order]?.();
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - begun, result: result ?? null })}\n`);
}
await side.close();
