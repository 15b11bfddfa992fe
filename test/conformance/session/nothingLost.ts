import assert from 'node:assert/strict';
import { Gesture } from '../../../src/core/gesture.ts';
import { AirlockError } from '../../../src/core/problem.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { demoFixed, demoFollowUp, demoPrompt } from '../../support/model/demoScript.ts';
import { relPath } from '../../../src/core/paths.ts';
import { present } from '../../support/present.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { type Harness, skipUnlessAvailable } from '../harness.ts';
import { applyAll, Desk, plan } from './desk.ts';

/** What was made inside and nobody took in yet is never overwritten, deleted or forgotten. */
export function describeNothingLost(name: string, harness: Harness): void {
  describe(`work that only the sandbox holds: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;
    const remove = async (session: Session) => await session.delete(new Gesture('delete-session', session.id));
    const pathsOf = (session: Session) => session.changes()?.changes.map(({ path }) => path) ?? [];
    const theirs = async (session: Session, path: string) => {
      const set = session.changes();
      const change = set?.changes.find((one) => one.path === path);
      const bytes = set && change && (await session.content(set.id, change.path, 'theirs'));
      return bytes && Buffer.from(bytes).toString();
    };

    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    beforeEach(async () => {
      desk = await Desk.open(harness);
      await desk.write('shared.txt', 'base\n');
    });
    afterEach(async () => await desk.close());

    it('is not overwritten by newer local work, whoever made it since the last turn', async () => {
      const { session } = await desk.start();
      await desk.inside(session, "printf 'inside\\n' > shared.txt");
      await desk.write('shared.txt', 'mine\n');
      assert.equal(await session.planPush(plan), undefined, 'both sides changed it: nothing is sent');
      await session.send(desk.turn(demoPrompt), undefined);
      assert.equal(await theirs(session, 'shared.txt'), 'inside\n');
      assert.equal(session.changes()?.changes.find(({ path }) => path === 'shared.txt')?.merge, 'conflict');
      await remove(session);
    });

    it('is not overwritten by what was planned before it was made', async () => {
      const { session } = await desk.start();
      await desk.write('shared.txt', 'mine\n');
      const manifest = await session.planPush(plan);
      assert.deepEqual(
        manifest?.files.map(({ path }) => path),
        ['shared.txt'],
      );
      await desk.inside(session, "printf 'inside\\n' > shared.txt");
      const push = { manifest, gesture: new Gesture('upload', manifest.subject) };
      const refusal = (error: unknown) => error instanceof AirlockError && error.problem.id === 'changed-inside';
      await assert.rejects(session.send(desk.turn(demoPrompt), push), refusal);
      assert.equal(await session.planPush(plan), undefined);
      assert.equal(await theirs(session, 'shared.txt'), 'inside\n');
      await remove(session);
    });

    it('does not keep what the person deleted alive inside, also where nothing else changed', async () => {
      const { session } = await desk.start();
      await desk.remove('shared.txt');
      const manifest = await session.planPush(plan);
      assert.deepEqual(manifest?.files, [], 'only a deletion');
      assert.equal((await session.send(desk.turn(demoPrompt), undefined)).how, 'done');
      assert.equal(await session.planPush(plan), undefined, 'it was sent');
      assert.deepEqual(pathsOf(session), [demoFixed]);
      await remove(session);
    });

    it('is not deleted because it is gone here', async () => {
      const { session } = await desk.start();
      await desk.inside(session, "printf 'inside\\n' > shared.txt");
      await desk.remove('shared.txt');
      assert.equal((await session.send(desk.turn(demoPrompt), undefined)).how, 'done');
      assert.equal(await theirs(session, 'shared.txt'), 'inside\n');
      await remove(session);
    });

    it('is taken in when the session ends, also from a sandbox that does not run', async () => {
      const { session } = await desk.start();
      await desk.inside(session, "printf 'inside\\n' > made.txt");
      await desk.stopFromOutside(session);
      await eventually(() => Promise.resolve(session.summary().status === 'stopped' || undefined), 'the stop noticed');
      assert.deepEqual(pathsOf(session), [], 'nobody took it in yet');
      await session.end();
      assert.equal(session.summary().status, 'ended');
      assert.deepEqual(pathsOf(session), ['made.txt']);
      assert.equal(await theirs(session, 'made.txt'), 'inside\n');
      await remove(session);
    });

    it('keeps a session from ending where it cannot be taken in, until the person says so', async () => {
      const { session } = await desk.start();
      await desk.inside(session, 'mkdir big && truncate -s 2G big/file');
      const refusal = (error: unknown) =>
        error instanceof AirlockError && error.problem.id === 'left-inside' && /big/.test(error.problem.detail);
      await assert.rejects(session.end(), refusal);
      assert.equal(session.summary().status, 'idle', 'nothing was deleted');
      await session.end({ leaveRest: true });
      assert.equal(session.summary().status, 'ended');
      await remove(session);
    });

    it('comes home where a file became a folder and a folder a file, and both come back', async () => {
      await desk.write('plain', 'plain');
      const before = [await desk.read('shared.txt'), await desk.read('plain'), await desk.read(demoFixed)];
      const { session } = await desk.start();
      const [folder = ''] = demoFixed.split('/');
      await desk.inside(
        session,
        `rm plain && mkdir -p plain/in && echo b > plain/in/b && rm -r ${folder} && echo f > ${folder}`,
      );
      await session.refreshChanges(plan.signal);
      const applied = await applyAll(session);
      assert.ok(['plain', 'plain/in/b', folder, demoFixed].every((path) => applied.some((one) => one === path)));
      assert.deepEqual([await desk.read('plain/in/b'), await desk.read(folder)], ['b\n', 'f\n']);
      assert.equal(session.changes(), undefined);
      const undone = await session.undo(new Set(), new Gesture('undo', present(await session.undoable()).set));
      assert.deepEqual(undone.skipped, []);
      assert.deepEqual([await desk.read('shared.txt'), await desk.read('plain'), await desk.read(demoFixed)], before);
      assert.equal(await session.undoable(), undefined);
      await remove(session);
    });

    it('is offered again where a person takes back that they rejected it, also in the next window', async () => {
      const { session, sessions } = await desk.start();
      await desk.inside(session, 'echo theirs > kept.txt');
      const paths = async (one: Session) =>
        ((await one.refreshChanges(plan.signal))?.changes ?? []).map(({ path }) => path);
      assert.deepEqual(await paths(session), ['kept.txt']);
      await session.reject(present(session.changes()).id, [relPath('kept.txt')]);
      assert.deepEqual(await paths(session), []);
      await session.offerRejected();
      assert.deepEqual(
        session.changes()?.changes.map(({ path }) => path),
        ['kept.txt'],
      );
      await sessions.detachAll();
      const next = await desk.window();
      const later = await next.sessions.open(session.id, next.folder);
      assert.deepEqual(await paths(later), ['kept.txt']);
      await remove(later);
    });

    it('outlives a sweep of the store: review, undo and the next turn find all that they need', async () => {
      const { session } = await desk.start({ sweepFrom: 1 });
      const before = await desk.read(demoFixed);
      await session.send(desk.turn(demoPrompt), undefined);
      await applyAll(session);
      await session.send(desk.turn(demoFollowUp), undefined);
      const set = await session.refreshChanges(plan.signal);
      for (const { path } of set?.changes ?? []) assert.ok(await theirs(session, path), path);
      const undoable = await session.undoable();
      assert.ok(undoable);
      await session.undo(new Set(), new Gesture('undo', undoable.set));
      assert.equal(await desk.read(demoFixed), before);
      assert.ok((session.summary().storedBytes ?? 0) > 0);
      await session.refreshChanges(plan.signal);
      await applyAll(session);
      assert.equal(await desk.testsPass(), true);
      await remove(session);
    });
  });
}
