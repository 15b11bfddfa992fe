// Works at a desk as an editor's window would, from a new session to applied changes, until it is killed:
//   node test/support/sessionProgram.ts <harness module> <root> <model's address>
import { pathToFileURL } from 'node:url';
import { applyAll, openWindow, startSession, turnWith } from '../conformance/session/desk.ts';
import type { Harness } from '../conformance/harness.ts';
import { demoPrompt } from './model/demoScript.ts';

const [module = '', root = '', model = ''] = process.argv.slice(2);
const { harness } = (await import(pathToFileURL(module).href)) as { harness: Harness };
process.stdout.write('begun\n');
const { session } = await startSession(harness, await openWindow(harness, root));
process.stdout.write('started\n');
await session.send(turnWith(model, demoPrompt), undefined);
process.stdout.write('turned\n');
await applyAll(session);
process.stdout.write('applied\n');
setInterval(() => undefined, 1000);
