import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RecordFiles } from '../../../../src/sandbox/common/recordFiles.ts';

describe('the notes of a driver', () => {
  let folder = '';
  let files: RecordFiles<{ name: string }>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'airlock-records-'));
    files = new RecordFiles(join(folder, 'notes'), 'note', z.object({ name: z.string() }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const path = () => join(folder, 'notes', readdirSync(join(folder, 'notes'))[0] ?? assert.fail());

  it('are absent until they are put, and after they were dropped', async () => {
    assert.deepEqual([await files.get('a'), await files.all()], [undefined, []]);
    await files.put('a', { name: 'one' });
    await files.put('a', { name: 'two' });
    assert.deepEqual([await files.get('a'), await files.all()], [{ name: 'two' }, [{ name: 'two' }]]);
    await files.drop('a');
    assert.deepEqual([await files.get('a'), await files.all()], [undefined, []]);
  });

  it('count as absent where they hold nothing that can be understood', async () => {
    await files.put('a', { name: 'one' });
    for (const text of ['', '{"name"', '{"other":1}']) {
      writeFileSync(path(), text);
      assert.deepEqual([await files.get('a'), await files.all()], [undefined, []]);
    }
  });

  it('are not absent only because they cannot be read', async () => {
    await files.put('a', { name: 'one' });
    const at = path();
    rmSync(at);
    mkdirSync(at);
    await assert.rejects(files.get('a'), { code: 'EISDIR' });
    await assert.rejects(files.all(), { code: 'EISDIR' });
  });

  it('leave nothing behind where they cannot be put', async () => {
    await files.put('a', { name: 'one' });
    const at = path();
    rmSync(at);
    mkdirSync(at);
    await assert.rejects(files.put('a', { name: 'two' }));
    assert.equal(readdirSync(join(folder, 'notes')).length, 1);
  });
});
