import assert from 'node:assert/strict';
import { attachSubject } from '../../../src/core/computers/subject.ts';
import { Gesture } from '../../../src/core/gesture.ts';
import { problem } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { obedientScript } from '../../support/model/obedientScript.ts';
import { present } from '../../support/present.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { createSandbox, type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { Desk } from './desk.ts';

const minute = 60_000;
const serving = `node -e "
for (const port of [8101, 8102, 8103, 8104, 8105])
  require('http').createServer((_, answer) => answer.end('from inside')).listen(port);
" >/dev/null 2>&1 & sleep 1`;

/** Ports of a session that are open to the internet, from the question to the session's end. */
export function describePublishing(name: string, harness: Harness): void {
  describe(`public ports of a session: ${name}`, function () {
    this.timeout(240_000);
    let desk: Desk;
    let session: Session;
    before(async function () {
      await skipUnlessAvailable(this, harness);
      desk = await Desk.open(harness, obedientScript);
      ({ session } = await desk.start());
      await session.send(desk.turn(serving), undefined);
    });
    after(async () => await desk.close());

    const publish = async (port: number) =>
      await session.ports.publish(port, minute, new Gesture('publish', `${session.id}:${port}`), never);
    const published = () => session.ports.rows().flatMap((row) => (row.published === undefined ? [] : [row.port]));

    it('are at most four, each asked for, and reached by everybody', async () => {
      assert.equal(session.ports.canPublish, true);
      const other = new Gesture('publish', `${session.id}:8102`);
      await assert.rejects(session.ports.publish(8101, minute, other, never), /something else/);
      const { url } = await publish(8101);
      await eventually(async () => (await text(url)) === 'from inside' || undefined, 'the answer from inside');
      for (const port of [8102, 8103, 8104]) await publish(port);
      await assert.rejects(publish(8105), /At most 4/);
      await session.ports.unpublish(8104);
      assert.deepEqual(published(), [8101, 8102, 8103]);
    });

    it('are listed by the next window, as they truly are', async () => {
      const { url } = present(session.ports.rows().find(({ port }) => port === 8102)?.published);
      await session.ports.unpublish(8101);
      await session.detach();
      const { sessions, folder } = await desk.window();
      session = await sessions.open(session.id, folder);
      assert.deepEqual(published(), [8102, 8103]);
      assert.equal(await text(url), 'from inside');
    });

    it('end with the session', async () => {
      const { url } = present(session.ports.rows().find(({ port }) => port === 8102)?.published);
      await session.end();
      await eventually(async () => ((await text(url)) === 'from inside' ? undefined : true), 'the end of the address');
      await session.delete(new Gesture('delete-session', session.id));
    });

    it('keep a session at a computer that lives on, until they are private or a person leaves them public', async () => {
      const made = await createSandbox(harness);
      await made.detach();
      const { sessions, folder, provider } = await desk.window({ faulty: withoutTakingBack });
      const computer = present((await provider.inventory(never)).find(({ attach }) => attach !== undefined));
      const { settings, toolchains } = harness.options;
      session = await sessions.create({ provider, folder, settings, toolchains, title: 'Test', attachTo: 'project' });
      const gesture = new Gesture('attach', attachSubject(computer, folder.uri));
      await session.attach(computer, gesture, () => undefined, never);
      await publish(8101);
      await assert.rejects(session.end(), /Port 8101 of the computer could not be taken off/);
      assert.notEqual(session.summary().status, 'ended');
      await session.end({ leavePublic: true });
      assert.equal(session.summary().status, 'ended');
      await session.delete(new Gesture('delete-session', session.id));
      assert.deepEqual(await provider.remove(computer.state, never), { kind: 'done' });
    });
  });
}

/** A kind whose service does not answer where a port is to be private again. */
function withoutTakingBack(provider: Provider): Provider {
  const resume: Provider['resume'] = async (...asked) => {
    const resumed = await provider.resume(...asked);
    if ('sandbox' in resumed) {
      const why = problem('unreachable', 'No answer.', { delivery: 'maybe-sent' });
      resumed.sandbox.unpublish = () => Promise.resolve({ kind: 'unknown', problem: why });
    }
    return resumed;
  };
  return { ...provider, resume };
}

async function text(url: string | undefined): Promise<string | undefined> {
  try {
    return await (await fetch(present(url))).text();
  } catch {
    return undefined;
  }
}
