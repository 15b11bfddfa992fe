import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { RecordFile } from '../../../src/host/recordFile.ts';
import { inScratch } from './scratch.ts';

async function written(path: string, values: readonly unknown[]): Promise<void> {
  const { file } = await RecordFile.open(path);
  await Promise.all(values.map((value, index) => file.append(value, index % 2 === 0)));
  await file.close();
}

describe('a file of records', function () {
  // Bound by how fast the disk makes things lasting.
  this.timeout(300_000);

  it('gives back in order what was appended, also over several openings', () =>
    inScratch(async (folder) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.json(), { maxLength: 6 }), { maxLength: 4 }),
          fc.nat(),
          async (openings, salt) => {
            const path = join(folder, `${salt}-${Math.random()}`);
            for (const values of openings) await written(path, values);
            const { records, torn } = await RecordFile.open(path);
            assert.deepEqual([records, torn], [openings.flat(), 0]);
          },
        ),
        { numRuns: 25 },
      );
    }));

  it('keeps every whole record wherever the file is torn, and goes on after it', () =>
    inScratch(async (folder) => {
      const path = join(folder, 'torn');
      const values = [{ a: 1 }, { text: 'line\nend' }, { b: ['ü', null] }];
      await written(path, values);
      const bytes = await readFile(path);
      const ends = [...bytes.keys()].filter((at) => bytes[at] === 0x0a);
      for (let cut = 0; cut <= bytes.length; cut++) {
        await writeFile(path, bytes.subarray(0, cut));
        const whole = values.slice(0, ends.filter((end) => end <= cut).length);
        assert.deepEqual((await RecordFile.open(path)).records, whole);
        await written(path, ['next']);
        assert.deepEqual((await RecordFile.open(path)).records, [...whole, 'next']);
      }
    }));

  it('passes over a record whose bytes were damaged and keeps the others', () =>
    inScratch(async (folder) => {
      const path = join(folder, 'damaged');
      await written(path, ['first', 'second', 'third']);
      const bytes = await readFile(path);
      bytes[bytes.indexOf('second')] = 0x53;
      await writeFile(path, bytes);
      await appendFile(path, Buffer.alloc(512));
      const { records, torn } = await RecordFile.open(path);
      assert.deepEqual([records, torn], [['first', 'third'], 2]);
    }));

  it('refuses to append after it was closed', () =>
    inScratch(async (folder) => {
      const { file } = await RecordFile.open(join(folder, 'closed'));
      await file.close();
      await assert.rejects(file.append(1, false), /storage|closed|could not/);
    }));
});
