// Plays a session with a hosted computer from its beginning to its end, as an editor's window would, until it is killed:
//   node test/support/storyProgram.ts <harness> <root> <model's address>
import { celestoHarness } from '../conformance/celestoHarness.ts';
import { openWindow, turnWith } from '../conformance/session/desk.ts';
import { acts } from '../conformance/session/hosted/story.ts';

const [name = '', root = '', model = ''] = process.argv.slice(2);
const harness = celestoHarness(name, name, {});
const { sessions, provider, folder } = await openWindow(harness, root);
const { settings, toolchains } = harness.options;
const session = await sessions.create({ provider, folder, settings, toolchains, title: 'Test' });
for (const { play } of acts) await play({ session, folder, turn: (prompt) => turnWith(model, prompt) });
await sessions.detachAll();
