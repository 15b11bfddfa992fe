import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { askToEnd } from '../../../../src/sandbox/relay/job/tell.ts';
import type { Patience, Ways } from '../../../../src/sandbox/relay/job/way.ts';

describe('asking a job to end', () => {
  /** How often it was told by a way that takes a moment to be heard, until it was heard or given up. */
  const told = async (patience: Patience): Promise<{ times: number; heard: boolean }> => {
    const over = new AbortController();
    const result = { times: 0, heard: false };
    const tell: Ways['tell'] = async (_op, _records, signal) => {
      result.times += 1;
      await sleep(200, undefined, { signal });
      result.heard = true;
      over.abort();
      return 'ok';
    };
    await askToEnd({ tell, patience } as Ways, 'op', over.signal);
    return result;
  };

  it('waits for a slow way as long as that way needs', async () => {
    assert.deepEqual(await told({ hearWithinMs: 60_000, answerWithinMs: 60_000 }), { times: 1, heard: true });
  });

  it('gives up where nothing is heard', async () => {
    const { times, heard } = await told({ hearWithinMs: 20, answerWithinMs: 1000 });
    assert.equal(heard, false);
    assert.ok(times > 1);
  });
});
