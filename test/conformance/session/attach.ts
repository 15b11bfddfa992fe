import assert from 'node:assert/strict';
import { attachSubject, computerSubject } from '../../../src/core/computers/subject.ts';
import { createComputers, type Computer } from '../../../src/core/computers/index.ts';
import { Gesture } from '../../../src/core/gesture.ts';
import { problemOf } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { hostServices, thisMachine } from '../../../src/host/index.ts';
import { obedientScript } from '../../support/model/obedientScript.ts';
import { present } from '../../support/present.ts';
import { createSandbox, type Harness, never, newIntent, skipUnlessAvailable } from '../harness.ts';
import { eventually, sh } from '../running.ts';
import { applyAll, Desk } from './desk.ts';

/** What another machine left in a computer: one file as here, one that differs, one that is new. */
const elsewhere = `
mkdir -p /workspace/project /workspace/other; cd /workspace/project
printf 'same\\n' >same.txt; printf 'theirs\\n' >differs.txt; printf 'new\\n' >new.txt
`;

/** A computer that this machine did not make: seen, attached, reviewed two ways, let go of. */
export function describeAttach(name: string, harness: Harness): void {
  describe(`a computer from elsewhere: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;

    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    beforeEach(async () => {
      desk = await Desk.open(harness, obedientScript);
      await desk.write('same.txt', 'same\n');
      await desk.write('differs.txt', 'ours\n');
      await desk.write('mine.txt', 'mine\n');
    });
    afterEach(async () => await desk.close());

    const computers = async () => {
      const host = await hostServices({
        storageRoot: `${desk.root}/storage`,
        machine: thisMachine(),
        trusted: () => true,
      });
      return createComputers({ ...host, providers: [await harness.provider()] });
    };
    const listed = async (): Promise<readonly Computer[]> => (await (await computers()).list(never)).computers;

    /** Makes a computer as another machine would, stops it, and answers with how it is listed here. */
    async function foreign(): Promise<Computer> {
      const sandbox = await createSandbox(harness);
      await sh(sandbox, elsewhere);
      assert.deepEqual(await sandbox.stop(never), { kind: 'done' });
      await sandbox.detach();
      const [only, ...more] = await listed();
      assert.deepEqual([only?.owner, more], [undefined, []]);
      return present(only);
    }

    async function attached(computer: Computer): Promise<Session> {
      const { sessions, folder, provider } = await desk.window();
      const { settings, toolchains } = harness.options;
      const { folders } = await (await computers()).visit(computer, folder.name, never);
      assert.deepEqual(folders, ['project', 'other']);
      const asked = { provider, folder, settings, toolchains, title: computer.title, attachTo: 'project' };
      const session = await sessions.create(asked);
      const wrong = new Gesture('attach', attachSubject(computer, 'file:///elsewhere'));
      await assert.rejects(
        session.attach(computer, wrong, () => undefined, never),
        /something else/,
      );
      const gesture = new Gesture('attach', attachSubject(computer, folder.uri));
      await session.attach(computer, gesture, () => undefined, never);
      return session;
    }

    const changes = (session: Session) =>
      Object.fromEntries((session.changes()?.changes ?? []).map(({ path, merge }) => [path, merge]));

    it('is reviewed two ways, worked with, and lives on', async () => {
      const computer = await foreign();
      const session = await attached(computer);
      assert.equal(session.summary().attached, true);
      assert.deepEqual(changes(session), { 'differs.txt': 'conflict', 'new.txt': 'take' });
      assert.match(session.changes()?.warnings[0] ?? '', /^Compared two ways/);
      assert.equal(session.changes()?.twoWay, true);
      assert.equal(await desk.read('differs.txt'), 'ours\n', 'nothing was written');
      const [owner] = (await listed()).map((one) => one.owner);
      assert.ok(owner?.kind === 'session' && owner.session.id === session.id);
      const end = await session.send(desk.turn("printf 'changed\\n' >same.txt"), undefined);
      assert.equal(end.how, 'done', JSON.stringify(end));
      assert.equal(changes(session)['same.txt'], 'take', 'what was alike has an ancestor');
      assert.deepEqual([...(await applyAll(session))].sort(), ['new.txt', 'same.txt']);
      assert.equal(await desk.read('same.txt'), 'changed\n');
      await session.end();
      assert.equal(session.summary().status, 'ended');
      assert.match(JSON.stringify(session.transcript().at(-1)), /lives on/);
      await session.delete(new Gesture('delete-session', session.id));
      const { ledger } = await desk.window();
      const [left, ...more] = await listed();
      assert.deepEqual([await ledger.list(), left?.owner, more], [[], undefined, []]);
      await remove(present(left));
    });

    it('is attached once, also where both asked before either had it', async () => {
      const computer = await foreign();
      const other = await attached(computer);
      const { sessions, folder, provider } = await desk.window();
      const { settings, toolchains } = harness.options;
      const asked = { provider, folder, settings, toolchains, title: 'Late', attachTo: 'project' };
      const late = await sessions.create(asked);
      const gesture = new Gesture('attach', attachSubject(computer, folder.uri));
      await assert.rejects(
        late.attach(computer, gesture, () => undefined, never),
        /works with it already/,
      );
      await late.delete(new Gesture('delete-session', late.id));
      assert.equal(other.summary().status, 'idle');
      const [owner] = (await listed()).map((one) => one.owner);
      assert.ok(owner?.kind === 'session' && owner.session.id === other.id);
      await other.delete(new Gesture('delete-session', other.id));
      await remove(present((await listed())[0]));
    });

    it('is attached by one of two windows that ask in the same instant, and refused to the other', async () => {
      const computer = await foreign();
      const { settings, toolchains } = harness.options;
      const attempts = ['One', 'Other'].map(async (title) => {
        const { sessions, folder, provider } = await desk.window();
        const asked = { provider, folder, settings, toolchains, title, attachTo: 'project' };
        const session = await sessions.create(asked);
        const gesture = new Gesture('attach', attachSubject(computer, folder.uri));
        const attempt = session.attach(computer, gesture, () => undefined, never);
        const refused = await attempt.then(
          () => undefined,
          (error: unknown) => problemOf(error, 'storage-failed'),
        );
        return { session, refused };
      });
      const ended = await Promise.all(attempts);
      const has = present(ended.find(({ refused }) => refused === undefined)).session;
      const late = present(ended.find(({ refused }) => refused !== undefined));
      assert.equal(late.refused?.id, 'owned-elsewhere');
      assert.deepEqual([has.summary().status, late.session.summary().status], ['idle', 'new']);
      await late.session.delete(new Gesture('delete-session', late.session.id));
      const [owner] = (await listed()).map((one) => one.owner);
      assert.ok(owner?.kind === 'session' && owner.session.id === has.id);
      await has.delete(new Gesture('delete-session', has.id));
      await remove(present((await listed())[0]));
    });

    it('is stopped again where it was started for a look alone, and only then', async () => {
      const computer = await foreign();
      const condition = async () => (await listed()).map(({ detail }) => detail);
      const visit = await (await computers()).visit(computer, 'project', never);
      assert.match(String(await condition()), /running/);
      const again = await (await computers()).visit(computer, 'project', never);
      assert.deepEqual(again.folders, visit.folders);
      await again.leave();
      assert.match(String(await condition()), /running/, 'it ran before the second look');
      await visit.leave();
      assert.match(String(await condition()), /stopped/);
      const kept = await (await computers()).visit(computer, 'project', never);
      const session = await attached(computer);
      await kept.leave();
      assert.match(String(await condition()), /running/, 'somebody works with it');
      await session.delete(new Gesture('delete-session', session.id));
      await remove(present((await listed())[0]));
    });

    it('is stopped again where the look is cancelled on its way', async () => {
      const computer = await foreign();
      let resumed = 0;
      const provider: Provider = {
        ...computer.provider,
        resume: async (...asked) => await computer.provider.resume(...asked).finally(() => (resumed += 1)),
      };
      const controller = new AbortController();
      const visit = (await computers()).visit({ ...computer, provider }, 'project', controller.signal);
      controller.abort();
      await assert.rejects(visit, { name: 'AbortError' });
      await eventually(async () => resumed === 2 && /stopped/.test(String((await listed())[0]?.detail)));
      await remove(present((await listed())[0]));
    });

    it('is found again by the next window, still as one that is not ours', async () => {
      const session = await attached(await foreign());
      await session.detach();
      const { sessions, folder } = await desk.window();
      const again = await sessions.open(session.id, folder);
      assert.equal(again.summary().status, 'idle');
      assert.equal(again.summary().attached, true);
      assert.match(again.changes()?.warnings[0] ?? '', /^Compared two ways/);
      await again.delete(new Gesture('delete-session', again.id));
      await remove(present((await listed())[0]));
    });

    it('is not deleted by the next window where a session that is no more had asked for it', async () => {
      const { session: lost, sessions: first } = await desk.start();
      await first.detachAll();
      await desk.loseRecord(lost.id);
      const left = present((await listed())[0]);
      assert.deepEqual(left.owner, { kind: 'leftover' });
      const { sessions, folder, provider } = await desk.window();
      const asked = { provider, folder, settings: {}, toolchains: [], title: left.title, attachTo: 'project' };
      const session = await sessions.create(asked);
      const gesture = new Gesture('attach', attachSubject(left, folder.uri));
      await session.attach(left, gesture, () => undefined, never);
      await session.detach();
      const next = await desk.window();
      await next.sessions.recover(never);
      assert.deepEqual(await next.ledger.list(), [], 'nothing of ours may delete it');
      const again = await next.sessions.open(session.id, next.folder);
      assert.equal(again.summary().status, 'idle');
      await again.delete(new Gesture('delete-session', again.id));
      await (await desk.window()).sessions.recover(never);
      await remove(present((await listed())[0]));
    });

    it('is replaced by one of our own where it is gone', async () => {
      const session = await attached(await foreign());
      await session.detach();
      const { provider } = await desk.window();
      for (const { state } of await provider.inventory(never)) await provider.remove(state, never);
      const { sessions, folder } = await desk.window();
      const again = await sessions.open(session.id, folder);
      assert.equal(again.summary().status, 'gone');
      await again.refill(new Gesture('refill', again.id), () => undefined, never);
      assert.notEqual(again.summary().attached, true);
      assert.deepEqual(changes(again), { 'differs.txt': 'conflict', 'new.txt': 'take' });
      await again.delete(new Gesture('delete-session', again.id));
      assert.deepEqual([await listed(), await harness.leftRunning()], [[], []]);
    });

    it('is told from one that was asked for a moment ago and is not answered yet', async () => {
      const { ledger, provider } = await desk.window();
      const intent = newIntent();
      await ledger.open({ key: intent.key, provider: provider.id, intent, openedAt: Date.now() });
      const sandbox = await createSandbox(harness);
      assert.deepEqual((await listed())[0]?.owner, { kind: 'maybe-ours' });
      await ledger.close(intent.key);
      assert.equal((await listed())[0]?.owner, undefined);
      await sandbox.delete(never);
    });

    it('is deleted by a gesture that names it alone, and never while a session works with it', async () => {
      const computer = await foreign();
      const session = await attached(computer);
      await assert.rejects(remove(computer), /works with it/);
      await session.end();
      const wrong = new Gesture('delete-computer', 'another');
      await assert.rejects((await computers()).delete(computer, wrong, never), /something else/);
      await remove(computer);
      assert.deepEqual(await listed(), []);
      await session.delete(new Gesture('delete-session', session.id));
    });

    async function remove(computer: Computer): Promise<void> {
      const gesture = new Gesture('delete-computer', computerSubject(computer));
      await (await computers()).delete(computer, gesture, never);
    }
  });
}
