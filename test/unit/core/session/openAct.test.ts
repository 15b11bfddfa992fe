import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { relPath } from '../../../../src/core/paths.ts';
import type { LogEvent, LoggedEvent } from '../../../../src/core/session/events.ts';
import { choiceOf, doneAct, intentOf, openAct } from '../../../../src/core/session/openAct.ts';
import type { Applier } from '../../../../src/core/storage.ts';
import type { ApplyPlan, ChangeSet } from '../../../../src/core/sync/types.ts';

const set = 'cs-00000000000000000000' as ChangeSet['id'];
const plan: ApplyPlan = { set, steps: [{ path: relPath('a'), expect: 'absent', write: 'absent' }] };
const intent = intentOf(plan, { paths: new Set([relPath('a')]), takeTheirs: new Set([relPath('a')]) });
const applied: LogEvent = { t: 'applied', set, applied: ['a'], skipped: [] };
const undo: LogEvent = { t: 'undo-intent', set };

function logged(...events: LogEvent[]): LoggedEvent[] {
  return events.map((event, seq) => ({ seq, at: 0, event }));
}

function journalHolding(last: ApplyPlan | undefined): Applier {
  const refused = () => Promise.reject(new Error('not asked for'));
  const lastUndoable = () => Promise.resolve(last && { plan: last, at: 0 });
  return { apply: refused, recover: refused, undo: refused, changedSince: refused, kept: refused, lastUndoable };
}

describe('an apply or undo that a crash cut off', () => {
  it('is open until the log says how it ended', () => {
    assert.equal(openAct(logged(intent)), intent);
    assert.equal(openAct(logged(intent, applied)), undefined);
    assert.equal(openAct(logged(intent, applied, undo)), undo);
    assert.equal(openAct([]), undefined);
  });

  it('keeps what the person chose', () => {
    const choice = choiceOf(intent);
    assert.deepEqual([...choice.paths], ['a']);
    assert.deepEqual([...choice.takeTheirs], ['a']);
  });

  it('is taken as done where the journal holds it, and as nothing where it does not', async () => {
    assert.deepEqual((await doneAct(intent, logged(intent), journalHolding(plan))).applied, ['a']);
    assert.deepEqual((await doneAct(intent, logged(intent), journalHolding(undefined))).applied, []);
  });

  it('was undone where the journal no longer offers the apply', async () => {
    const events = logged(intent, applied, undo);
    assert.deepEqual((await doneAct(undo, events, journalHolding(undefined))).applied, ['a']);
    assert.deepEqual((await doneAct(undo, events, journalHolding(plan))).applied, []);
  });
});
