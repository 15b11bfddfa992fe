import assert from 'node:assert/strict';
import { mergeText } from '../../../../src/core/sync/merge.ts';
import { defaultPullLimits } from '../../../../src/core/sync/pullReply.ts';
import * as sizes from '../../../../src/core/sync/sizes.ts';

describe('the sizes of files', () => {
  it('rise from what is merged to what is sent, and all that was sent can come back', () => {
    const { maxMergedBytes, maxHeldBytes, maxUnaskedBytes, maxUploadFileBytes, maxPulledFileBytes } = sizes;
    const rising = [maxMergedBytes, maxHeldBytes, maxUnaskedBytes, maxUploadFileBytes];
    assert.deepEqual(
      [...rising].sort((a, b) => a - b),
      rising,
    );
    assert.equal(new Set(rising).size, rising.length);
    assert.ok(maxPulledFileBytes >= maxUploadFileBytes);
    assert.ok(defaultPullLimits.maxTotalBytes > defaultPullLimits.maxFileBytes);
    assert.equal(defaultPullLimits.maxFileBytes, maxPulledFileBytes);
  });

  it('tell what is merged', () => {
    const [base, ours] = [Buffer.alloc(sizes.maxMergedBytes, 'a'), Buffer.alloc(sizes.maxMergedBytes, 'a')];
    assert.equal(mergeText(base, ours, Buffer.from('b\n')).kind, 'clean');
    assert.equal(mergeText(base, Buffer.concat([ours, Buffer.from('a')]), base).kind, 'binary');
  });
});
