import assert from 'node:assert/strict';
import { sessionStatusShape, type SessionSummary } from '../../../src/shared/view.ts';
import { sessionRow } from '../../../src/ui/sessions/rows.ts';
import { age, bytes, firstFew } from '../../../src/ui/words.ts';
import { summaryOf } from './summaryOf.ts';

describe('a session’s row', () => {
  it('says state, kind of sandbox, changed files and age in words', () => {
    const row = sessionRow(summaryOf({ changes: 3 }), 5 * 60_000 + 1);
    assert.equal(row.label, 'Fix the test');
    assert.equal(row.description, 'Ready · 3 changed · 5 min · Box');
    assert.equal(row.spoken, 'Fix the test, Ready, 3 changed files, Box, 5 min ago');
    assert.ok(row.tooltip.split('\n').includes(row.description), 'in one line, as a word alone says nothing');
  });

  it('leaves room for its state beside a long title, which the tooltip and a screen reader have whole', () => {
    const title = 'The tests of this project fail. Find out why and fix it.';
    const row = sessionRow(summaryOf({ title }), 1);
    assert.equal(row.label, 'The tests of this…');
    assert.ok(row.tooltip.startsWith(title));
    assert.ok(row.spoken.startsWith(title));
    assert.equal(sessionRow(summaryOf({ title: 'x'.repeat(60) }), 1).label, `${'x'.repeat(22)}…`);
  });

  it('says that a computer was attached', () => {
    const row = sessionRow(summaryOf({ attached: true }), 1);
    assert.equal(row.description, 'Ready · now · attached · Box');
    assert.equal(row.spoken, 'Fix the test, Ready, attached, Box, now');
  });

  it('has an icon for every state', () => {
    for (const status of sessionStatusShape.options) assert.ok(sessionRow(summaryOf({ status }), 1).icon, status);
  });

  it('offers by its tags only what can be done', () => {
    const tags = (more: Partial<SessionSummary>) => sessionRow(summaryOf(more), 1).context.split(' ');
    assert.deepEqual(tags({ status: 'working' }), ['own', 'alive', 'working', 'open']);
    assert.deepEqual(tags({ status: 'idle', pause: 'can' }), ['own', 'alive', 'pausable', 'open']);
    assert.deepEqual(tags({ status: 'paused', pause: 'is' }), ['own', 'paused', 'open']);
    assert.deepEqual(tags({ status: 'idle', snapshots: true }), ['own', 'alive', 'snapshots', 'open']);
    assert.deepEqual(tags({ status: 'stopped' }), ['own', 'stopped', 'open']);
    assert.deepEqual(tags({ status: 'gone' }), ['own', 'gone', 'open']);
    assert.deepEqual(tags({ status: 'ended' }), ['own']);
    assert.ok(tags({ elsewhere: true }).includes('locked'));
    assert.ok(tags({ readOnly: 'Newer.' }).includes('unreadable'));
    assert.match(sessionRow(summaryOf({ readOnly: 'Newer.' }), 1).tooltip, /Newer\./);
  });
});

describe('words', () => {
  it('for sizes and ages are short', () => {
    assert.deepEqual([0, 999, 1000, 3_140_000, 999_950_000].map(bytes), ['0 B', '999 B', '1.0 kB', '3.1 MB', '1.0 GB']);
    assert.deepEqual([0, 61_000, 3_600_000, 200_000_000].map(age), ['now', '1 min', '1 h', '2 d']);
    assert.equal(firstFew(['a', 'b', 'c'], 2), 'a, b and 1 more');
  });
});
