import assert from 'node:assert/strict';
import { renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { relPath } from '../../../../src/core/paths.ts';
import { settled } from '../../../../src/core/sync/guestTable.ts';
import { DiskGuest } from './support/diskGuest.ts';
import { fileNode, treeOf } from './support/memory.ts';

describe('pull', () => {
  let guest: DiskGuest;
  beforeEach(() => {
    guest = new DiskGuest();
  });
  afterEach(() => guest.remove());

  /** A clock of the guest on which everything was written a moment ago, however slow this machine is. */
  const justNow = -100;

  describe('is not fooled by', () => {
    it('a renamed folder, whose files keep their times', async () => {
      guest.write('one/f', 'aaaa');
      guest.write('two/f', 'bbbb');
      const now = new Date();
      for (const path of ['one/f', 'two/f']) utimesSync(guest.at(path), now, now);
      await guest.pull();
      renameSync(guest.at('one'), guest.at('tmp'));
      renameSync(guest.at('two'), guest.at('one'));
      renameSync(guest.at('tmp'), guest.at('two'));
      assert.deepEqual([...(await guest.pull()).theirs], [...treeOf({ 'one/f': 'bbbb', 'two/f': 'aaaa' })]);
    });

    it('a time of change that was set back after a write of the same length', async () => {
      guest.write('f', 'aaaa');
      const { atime, mtime } = statSync(guest.at('f'));
      await guest.pull();
      writeFileSync(guest.at('f'), 'bbbb');
      utimesSync(guest.at('f'), atime, mtime);
      assert.deepEqual([...(await guest.pull()).theirs], [...treeOf({ f: 'bbbb' })]);
    });

    it('a clock that steps back', async () => {
      guest.write('f', 'aaaa');
      await guest.pull();
      guest.clock = -5000;
      writeFileSync(guest.at('f'), 'bbbb');
      assert.deepEqual([...(await guest.pull()).theirs], [...treeOf({ f: 'bbbb' })]);
    });

    it('an inode that is used again', async () => {
      guest.write('f', 'aaaa');
      await guest.pull();
      unlinkSync(guest.at('f'));
      guest.write('g', 'bbbb');
      const { theirs } = await guest.pull();
      assert.deepEqual([...theirs], [...treeOf({ g: 'bbbb' })]);
    });

    it('a row that is too young to prove anything', async () => {
      guest.clock = justNow;
      guest.write('f', 'aaaa');
      const first = await guest.pull();
      assert.equal(first.table.rows.get(relPath('f'))?.racy, true);
      const second = await guest.pull();
      assert.deepEqual([second.files, guest.requests.map(({ want }) => want)], [1, [undefined, ['f']]]);
      guest.clock = 1000;
      assert.equal((await guest.pull()).table.rows.get(relPath('f'))?.racy, false);
      assert.equal((await guest.pull()).files, 0);
    });

    it('another incarnation, whose tags mean nothing', async () => {
      guest.write('f', 'aaaa');
      await guest.pull();
      guest.incarnation = 'boot-2';
      const { files } = await guest.pull();
      assert.deepEqual([files, guest.requests[0]?.since], [1, undefined]);
    });

    it('a table that says too much, when asked to verify', async () => {
      guest.write('f', 'aaaa');
      const { table } = await guest.pull();
      const lying = fileNode('what never was');
      const rows = new Map([...table.rows].map(([path, row]) => [path, { ...row, node: lying }]));
      const options = { table: { ...table, rows } };
      assert.deepEqual((await guest.pull(options)).theirs.get(relPath('f')), lying);
      assert.deepEqual([...(await guest.pull({ ...options, verify: true })).theirs], [...treeOf({ f: 'aaaa' })]);
    });
  });

  it('trusts young rows only after it was said that nothing ran', async () => {
    guest.clock = justNow;
    guest.write('f', 'aaaa');
    const { table } = await guest.pull();
    assert.equal((await guest.pull({ table: settled(table) })).files, 0);
  });
});
