import assert from 'node:assert/strict';
import { LogReader, type LogRecord } from '../../../../src/sandbox/relay/job/log.ts';
import { record, specBytes } from '../../../../src/sandbox/relay/job/records.ts';
import { ask } from '../../../../src/sandbox/relay/mux/asked.ts';
import type { Mux } from '../../../../src/sandbox/relay/mux/mux.ts';
import { mintId, type OpId } from '../../../../src/shared/ids.ts';
import { inEachThatCarries, InstalledRelay } from '../../../support/relay/installed.ts';

/** What comes before the log: where in it that is. */
const headBytes = 8;

inEachThatCarries((language) => {
  describe('the program inside with many connections over one', () => {
    let installed: InstalledRelay;
    let mux: Mux;
    before(function () {
      InstalledRelay.skipUnlessThere(this, language);
    });
    beforeEach(async () => {
      installed = new InstalledRelay(language);
      ({ mux } = await installed.mux());
    });
    afterEach(() => {
      mux.close();
      installed.remove();
    });

    /** Begins a command, and gives its log once it is over. */
    function begin(op: OpId, shell: string): Promise<readonly LogRecord[]> {
      const spec = specBytes({ argv: ['sh', '-c', shell], cwd: '/', env: {}, keep: false, input: false });
      const target = Buffer.concat([Buffer.from(`go\0${op}\0me\0-1\0`), spec ?? assert.fail()]);
      let log = Buffer.alloc(0);
      return new Promise((resolve, reject) => {
        const channel = mux.open('J', target, {
          opened: () => undefined,
          refused: (word) => reject(new Error(word)),
          data: (bytes) => void (log = Buffer.concat([log, bytes])),
          ended: () => {
            const found: LogRecord[] = [];
            new LogReader((told) => found.push(told)).take(0, log.subarray(headBytes));
            resolve(found);
            channel.close();
          },
          closed: () => reject(new Error('It was closed.')),
        });
      });
    }

    it('tells a command of its end that is asked for as soon as it is begun', async () => {
      const op = mintId('op');
      const log = begin(op, 'sleep 515153');
      const { refused } = await ask(mux, 'C', Buffer.concat([Buffer.from(`${op}\0`), record('Q')]));
      assert.equal(refused, undefined, 'it was heard');
      assert.deepEqual((await log).at(-1), { kind: 'ended', end: { kind: 'stopped', by: 'abort', verified: true } });
    });

    it('says of a command that is over that it is, and of one that never was that there is none', async () => {
      const op = mintId('op');
      assert.deepEqual((await begin(op, 'exit 3')).at(-1), { kind: 'ended', end: { kind: 'exited', code: 3 } });
      await assert.rejects(begin(op, 'exit 3'), /dup/);
      const told = async (name: OpId) =>
        (await ask(mux, 'C', Buffer.from(`${name}\0${record('K', 'INT').toString()}`))).refused;
      assert.equal(await told(mintId('op')), 'none');
    });
  });
});
