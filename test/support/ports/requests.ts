// A client in a process of its own: node requests.ts <JSON of Load> asks again and again and prints what came of it.
import { Agent, get, type IncomingMessage } from 'node:http';
import { loadShape } from './load.ts';

const load = loadShape.parse(JSON.parse(process.argv[2] ?? ''));
const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
const { port, path, headers } = load;

async function ask(): Promise<number> {
  const began = performance.now();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent }, resolve).on('error', reject);
  });
  for await (const _chunk of answer);
  if (answer.statusCode !== 200) throw new Error(`Status ${answer.statusCode ?? 'missing'}`);
  return performance.now() - began;
}

const times: number[] = [];
async function askInTurn(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) times.push(await ask());
}

const each = Math.ceil(load.requests / load.connections);
await askInTurn(Math.min(100, each));
times.length = 0;
const began = performance.now();
await Promise.all(Array.from({ length: load.connections }, () => askInTurn(each)));
const seconds = (performance.now() - began) / 1000;
const sorted = times.toSorted((one, other) => one - other);
console.log(JSON.stringify({ perSecond: times.length / seconds, medianMs: sorted[Math.floor(sorted.length / 2)] }));
agent.destroy();
