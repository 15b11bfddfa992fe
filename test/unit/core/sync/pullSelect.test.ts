import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { relPath } from '../../../../src/core/paths.ts';
import type { Tree } from '../../../../src/core/sync/types.ts';
import { DiskGuest } from './support/diskGuest.ts';
import { treeOf } from './support/memory.ts';

describe('what a pull takes in', () => {
  let guest: DiskGuest;
  beforeEach(() => {
    guest = new DiskGuest();
  });
  afterEach(() => guest.remove());

  it('leaves installed packages inside, whoever made them, and names their folders', async () => {
    guest.write('a', '1');
    for (const path of ['lib/node_modules/x/index.js', 'lib/node_modules/x/node_modules/y/index.js'])
      guest.write(path, '2');
    guest.write('web/bower_components/x.js', '3');
    guest.write('py/__pypackages__/x.py', '4');
    guest.write('.venv/pyvenv.cfg', '5');
    guest.write('.venv/bin/activate', '6');
    guest.write('my env/pyvenv.cfg', '7');
    guest.write('.tox/py/x', '8');
    guest.write('Node_Modules/x.js', '9');
    mkdirSync(guest.at('empty/node_modules'), { recursive: true });
    const { theirs, skipped, quality } = await guest.pull({ exclude: [] });
    assert.deepEqual([[...theirs], quality], [[...treeOf({ a: '1' })], 'exact']);
    assert.deepEqual(
      skipped.map(({ path, why }) => `${why} ${path}`).sort(),
      [
        '.tox',
        '.venv',
        'Node_Modules',
        'empty/node_modules',
        'lib/node_modules',
        'my env',
        'py/__pypackages__',
        'web/bower_components',
      ].map((path) => `dependency ${path}`),
    );
  });

  it('takes in what changed of packages that are part of the project, and nothing new among them', async () => {
    const ours = {
      'fix/node_modules/a/x.js': '1',
      'fix/node_modules/a/gone.js': '2',
      'src/pyvenv.cfg': '3',
      'src/a': '4',
    };
    const ancestor = treeOf(ours);
    guest.write('fix/node_modules/a/x.js', 'changed');
    guest.write('fix/node_modules/a/new.js', 'new');
    guest.write('src/pyvenv.cfg', '3');
    guest.write('src/b', '5');
    const { theirs, skipped, unknown } = await guest.pull({ ancestor, exclude: [] });
    assert.deepEqual(
      [...theirs],
      [...treeOf({ 'fix/node_modules/a/x.js': 'changed', 'src/b': '5', 'src/pyvenv.cfg': '3' })],
    );
    assert.deepEqual(skipped, [{ path: 'fix/node_modules', why: 'dependency' }]);
    assert.equal(unknown.size, 0);
  });

  it('takes nothing for deleted that is not looked at', async () => {
    const ancestor = treeOf({ 'node_modules/mine.js': '1', a: '2' });
    guest.write('a', '2');
    const { unknown, theirs } = await guest.pull({ ancestor });
    assert.deepEqual([[...unknown], theirs.has(relPath('node_modules/mine.js'))], [['node_modules/mine.js'], true]);
  });

  it('deletes no empty folder here because packages were installed into it inside', async () => {
    const ancestor: Tree = new Map([[relPath('node_modules'), { t: 'dir' }]]);
    guest.write('node_modules/a.js', '1');
    const { theirs, unknown } = await guest.pull({ ancestor, exclude: [] });
    assert.deepEqual([[...theirs], [...unknown]], [[...ancestor], ['node_modules']]);
  });

  it('refuses new names with controls in them, and keeps ours', async () => {
    const ours = 'a\nb/old';
    guest.write(ours, '1');
    for (const name of ['x\ny', 'esc\u001b[2J', 'del\u007f', 'c1\u0085', 'd\re/f/g']) guest.write(name, '2');
    const { theirs, skipped } = await guest.pull({ ancestor: treeOf({ [ours]: '0' }) });
    assert.deepEqual([...theirs], [...treeOf({ [ours]: '1' })]);
    assert.deepEqual(
      skipped.map(({ path, why }) => [path, why]),
      ['c1\u0085', 'd\re', 'del\u007f', 'esc\u001b[2J', 'x\ny'].map((path) => [path, 'bad-name']),
    );
  });
});
