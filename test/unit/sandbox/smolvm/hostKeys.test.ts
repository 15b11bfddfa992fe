import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisMachine } from '../../../../src/host/spawn.ts';
import { HostKeys } from '../../../../src/sandbox/smolvm/guest/hostKeys.ts';
import { smolVmProvider } from '../../../../src/sandbox/smolvm/index.ts';
import { stateOf } from '../../../../src/sandbox/smolvm/state.ts';
import { onlyOnLinux } from '../../../support/commands/results.ts';
import { envelope, standIn } from '../../../support/smolvm/standIn.ts';

describe('the host keys of microVMs', () => {
  let storage = '';
  let keys: HostKeys;
  const never = new AbortController().signal;
  const folder = () => join(storage, 'host-keys');
  const shows = (key: string) => keys.trusts('a', () => Promise.resolve(undefined))(Buffer.from(key));

  beforeEach(() => {
    storage = mkdtempSync(join(tmpdir(), 'airlock-host-keys-'));
    keys = new HostKeys(folder());
  });
  afterEach(() => rmSync(storage, { recursive: true, force: true }));

  it('are kept from the first time on, one file each', async () => {
    assert.equal(await shows('one'), true);
    assert.equal(await shows('other'), false);
    assert.equal(await shows('one'), true);
    assert.equal(readdirSync(folder()).length, 1);
  });

  it('are the same for all who see the microVM for the first time at once', async () => {
    const taken = await Promise.all(
      ['one', 'other', 'third', 'one'].map(async (key) => [key, await shows(key)] as const),
    );
    const [kept] = taken.find(([, trusted]) => trusted) ?? [];
    assert.deepEqual(
      taken.map(([key, trusted]) => trusted === (key === kept)),
      [true, true, true, true],
    );
  });

  it('are kept anew where a power cut has left an empty file', async () => {
    await shows('one');
    const [file = ''] = readdirSync(folder());
    writeFileSync(join(folder(), file), '');
    assert.equal(await shows('other'), true);
    assert.equal(await shows('one'), false);
  });

  it('are kept for one that is only let go of, and forgotten with one that is gone', async function () {
    onlyOnLinux(this);
    const message = "VM 'a' not found";
    const one = standIn('smolvm', {
      '--version': { stdout: 'smolvm 0.0.36\n' },
      'sandbox info a': { stdout: envelope('sandbox.info', null, { code: 'runtime_error', message }), code: 1 },
    });
    try {
      const provider = smolVmProvider({
        machine: thisMachine(),
        storage,
        path: () => one.program,
        log: () => undefined,
      });
      const state = stateOf({ program: 'smolvm', vmId: 'a', deleteOnClose: false });
      await shows('one');
      assert.deepEqual(await provider.remove(state, never), { kind: 'done' });
      assert.equal(await shows('other'), false);
      assert.deepEqual(await provider.resume(state, never), { kind: 'gone' });
      assert.equal(await shows('other'), true);
    } finally {
      one.remove();
    }
  });
});
