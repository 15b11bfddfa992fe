import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSource } from '../../../src/host/manifestSources.ts';

describe('sources of a manifest', () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'airlock-sources-')));
  after(() => rmSync(base, { recursive: true, force: true }));

  async function read(source: string, kind: 'file' | 'dir'): Promise<string[]> {
    const items: string[] = [];
    for await (const { path, kind: found, executable, bytes } of readSource(base, source, kind)) {
      items.push(`${found} ${path} ${executable ? 'x' : '-'} ${Buffer.from(bytes).toString()}`);
    }
    return items;
  }

  before(() => {
    mkdirSync(join(base, 'tree/sub'), { recursive: true });
    writeFileSync(join(base, 'tree/one'), '1');
    writeFileSync(join(base, 'tree/sub/run'), '2');
    chmodSync(join(base, 'tree/sub/run'), 0o755);
    mkdirSync(join(base, 'linked'));
    symlinkSync('/etc', join(base, 'linked/etc'));
    symlinkSync('tree', join(base, 'alias'));
  });

  it('are read whole, folders before what lies in them', async () => {
    assert.deepEqual(await read('tree', 'dir'), ['file one - 1', 'dir sub x ', 'file sub/run x 2']);
    assert.deepEqual(await read('./tree/one', 'file'), ['file  - 1']);
  });

  it('are refused outside of the base, behind links, and as the wrong kind', async () => {
    await assert.rejects(read('../elsewhere', 'file'), /lies outside/);
    await assert.rejects(read('/etc/hostname', 'file'), /lies outside/);
    await assert.rejects(read('linked', 'dir'), /link/);
    await assert.rejects(read('alias/one', 'file'), /link/);
    await assert.rejects(read('tree', 'file'), /is no file/);
    await assert.rejects(read('tree/one', 'dir'), /is no folder/);
  });
});
