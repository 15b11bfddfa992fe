import assert from 'node:assert/strict';
import { goBackQuestion, removeQuestion, snapshotWords } from '../../../src/ui/snapshots/texts.ts';
import { summaryOf } from './summaryOf.ts';

const hour = 3_600_000;

describe('words about snapshots', () => {
  it('tell age and size, as far as it is known', () => {
    assert.deepEqual(snapshotWords({ id: 'a', takenAt: 0, bytes: 2_100_000_000 }, 3 * hour), {
      label: '$(history) 3 h ago',
      description: '2.1 GB',
    });
    assert.deepEqual(snapshotWords({ id: 'a', takenAt: 0 }, 0), { label: '$(history) Just now', description: '' });
  });

  it('say plainly what going back replaces, and what it does not', () => {
    const { message, detail = '' } = goBackQuestion(summaryOf(), { id: 'a', takenAt: 0 }, 2 * hour);
    assert.equal(message, 'Go back to the snapshot of 2 h ago in “Fix the test”?');
    assert.match(detail, /changed since then inside are replaced/);
    assert.match(detail, /taken in until now stays in Airlock/);
    assert.match(detail, /your folder is not touched/);
  });

  it('is not deleted before it was said that nothing brings it back', () => {
    const { message, detail = '' } = removeQuestion({ takenAt: 0, id: 'a' }, 2 * hour);
    assert.equal(message, 'Delete the snapshot of 2 h ago?');
    assert.match(detail, /cannot be brought back/);
    assert.equal(removeQuestion({ takenAt: 0, id: 'a' }, 0).message, 'Delete the snapshot taken just now?');
  });
});
