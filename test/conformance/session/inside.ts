import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Gesture } from '../../../src/core/gesture.ts';
import type { Session } from '../../../src/core/session/api.ts';
import { skipBecause } from '../../support/commands/results.ts';
import { demoFixed } from '../../support/model/demoScript.ts';
import { obedientScript } from '../../support/model/obedientScript.ts';
import type { Harness } from '../harness.ts';
import { applyAll, Desk } from './desk.ts';

/** Dependency folders as package managers leave them: at the root and in a package of its own. */
const dependencies = {
  'node_modules/lib/index.js': 'module.exports = 1;\n',
  'packages/a/node_modules/lib/index.js': 'module.exports = 2;\n',
};
const own = { 'packages/a/index.js': "require('lib');\n" };

/** What an agent finds in the workspace besides the files: git, and what was installed. */
export function describeInside(name: string, harness: Harness): void {
  describe(`the workspace of a session: ${name}`, function () {
    this.timeout(harness.isSlow === true ? 600_000 : 240_000);
    let desk: Desk;
    let session: Session;

    before(async () => {
      desk = await Desk.open(harness, obedientScript);
      for (const [path, text] of Object.entries({ ...dependencies, ...own })) {
        await mkdir(dirname(join(desk.project, path)), { recursive: true });
        await writeFile(join(desk.project, path), text);
      }
      ({ session } = await desk.start());
    });
    after(async () => {
      await session.delete(new Gesture('delete-session', session.id));
      await desk.close();
    });

    /** What a command prints that the agent runs in a turn. */
    async function agentRuns(command: string): Promise<string> {
      const end = await session.send(desk.turn(command), undefined);
      assert.equal(end.how, 'done', JSON.stringify(end));
      const ran = session.transcript().findLast(({ kind }) => kind === 'command');
      assert.ok(ran?.kind === 'command' && ran.command === command, `${command} was run`);
      return ran.output;
    }

    const changed = () => session.changes()?.changes.map(({ path }) => path) ?? [];

    it('is a git repository with one commit of all that was sent', async function () {
      if ((await agentRuns('command -v git || echo none')).trim() === 'none')
        skipBecause(this, 'there is no git inside');
      assert.equal(await agentRuns('git rev-list --count HEAD'), '1\n');
      assert.equal(await agentRuns('git status --porcelain'), '');
      const files = (await agentRuns('git ls-files')).split('\n');
      assert.ok(files.includes(demoFixed) && files.includes('packages/a/index.js'), files.join());
      assert.deepEqual(
        files.filter((path) => path.includes('node_modules')),
        [],
      );
      const diff = await agentRuns(`echo '// edited' >>${demoFixed}; git diff`);
      assert.match(diff, new RegExp(`^\\+\\+\\+ b/${demoFixed}$`, 'm'));
      assert.match(diff, /^\+\/\/ edited$/m);
      assert.deepEqual(changed(), [demoFixed], 'nothing of the repository itself comes home');
      await agentRuns(`git checkout -q ${demoFixed}`);
      assert.deepEqual(changed(), []);
    });

    it('never takes home what an agent changes or adds in dependency folders', async () => {
      await agentRuns(
        [
          'for folder in node_modules packages/a/node_modules packages/b/node_modules; do',
          'mkdir -p $folder/lib $folder/empty && echo changed >$folder/lib/index.js && echo new >$folder/new.js',
          'done; mkdir .venv && echo "home = /usr/bin" >.venv/pyvenv.cfg && echo new >.venv/new.py',
          'echo mine >packages/b/index.js',
        ].join('\n'),
      );
      assert.deepEqual(changed(), ['packages/b/index.js']);
      assert.deepEqual(await applyAll(session), ['packages/b/index.js']);
      for (const [path, text] of Object.entries(dependencies)) assert.equal(await desk.read(path), text);
      await assert.rejects(desk.read('node_modules/new.js'));
      await assert.rejects(desk.read('packages/b/node_modules/new.js'));
    });
  });
}
