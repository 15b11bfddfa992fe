// Resumes a session in a process of its own, from the state that another one saved:
//   node elsewhere.ts <provider> <folder> <state as JSON>
// runs a command in it and prints what the command said and the state as it is now.
import { z } from 'zod';
import { sdkProviders } from './providers.ts';

const [name, folder = '', saved = '{}'] = process.argv.slice(2);
const provider = sdkProviders.find((one) => one.name === name);
if (provider === undefined) throw new Error(`No provider ${name}`);
const client = provider.client(folder);
const state = await client.deserializeSessionState(z.record(z.string(), z.unknown()).parse(JSON.parse(saved)));
const session = await client.resume(state);
const { stdout } = await session.exec({ cmd: 'cat notes.txt; echo "$GREETING"; echo elsewhere >> notes.txt' });
const stored = await client.serializeSessionState(session.state);
process.stdout.write(`${JSON.stringify({ stdout, stored })}\n`);
await session.sandbox.detach();
