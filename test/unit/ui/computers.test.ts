import assert from 'node:assert/strict';
import type { Computer } from '../../../src/core/computers/index.ts';
import { problem } from '../../../src/core/problem.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import type { SessionSummary } from '../../../src/shared/view.ts';
import { computerRow, failedRow } from '../../../src/ui/computers/rows.ts';
import { attachQuestion, deleteOwnQuestion, deleteQuestion, letGoWords } from '../../../src/ui/computers/texts.ts';
import { refillQuestion } from '../../../src/ui/start/refillText.ts';

const provider = { id: 'kind', title: 'Box' } as Provider;
const state = { provider: 'kind', version: 1, data: { id: 'c-1' } };
const session = { id: 's-1', title: 'Fix it', folder: 'proj', changes: 2 } as SessionSummary;

function computerOf(more: Partial<Computer> = {}): Computer {
  const detail = '2 CPU, 2048 MiB memory, running';
  return { key: 'kind c-1', provider, title: 'cheeky', state, attach: state, ageMs: 3 * 3_600_000, detail, ...more };
}

describe('a computer’s row', () => {
  it('says whose it is, its size, age and the time it has left', () => {
    const row = computerRow(computerOf({ owner: { kind: 'session', session }, endsInMs: 24.2 * 60_000 }));
    assert.equal(row.label, 'cheeky');
    assert.equal(row.description, '“Fix it” · 2 CPU, 2048 MiB memory, running · 3 h · shuts down in 25 min · Box');
    assert.match(row.spoken, /^cheeky, “Fix it”, .*, 3 h old, shuts down in 25 min, Box$/);
  });

  it('tells computers of this machine from others, and what can be done with each', () => {
    assert.deepEqual(tagsOf({}), ['computer', 'foreign', 'attachable']);
    assert.deepEqual(tagsOf({ owner: { kind: 'leftover' } }), ['computer', 'foreign', 'attachable']);
    assert.deepEqual(tagsOf({ owner: { kind: 'session', session } }), ['computer', 'session']);
    assert.deepEqual(tagsOf({ owner: { kind: 'maybe-ours' } }), ['computer', 'foreign']);
    assert.deepEqual(tagsOf({ owner: { kind: 'unreadable' } }), ['computer', 'foreign']);
    assert.match(
      computerRow(computerOf({ owner: { kind: 'unreadable' } })).description,
      /^of a session that cannot be read/,
    );
    const { attach: _attach, ...fixed } = computerOf();
    assert.equal(computerRow(fixed).context, 'computer foreign');
    assert.match(computerRow(computerOf()).description, /^not from here · /);
    const attached = { ...session, attached: true };
    assert.match(
      computerRow(computerOf({ owner: { kind: 'session', session: attached } })).description,
      /^“Fix it”, attached/,
    );
  });

  it('does not say of one that runs on this machine that it is from elsewhere', () => {
    const { description, tooltip, spoken } = computerRow(computerOf({ local: true }));
    assert.match(description, /^in no session · /);
    assert.match(tooltip, /It runs on this machine; no session works with it\.$/);
    assert.doesNotMatch(description + tooltip + spoken, /not from here|elsewhere/);
    const own = computerRow(computerOf({ local: true, owner: { kind: 'session', session } }));
    assert.match(own.description, /^“Fix it” · /);
  });

  it('shows a name from outside on one line, with what would forge it named', () => {
    assert.doesNotMatch(computerRow(computerOf({ title: 'a\nb\u202e' })).label, /[\n\u202e]/);
  });

  it('of a kind that could not be asked says why, and the one step that mends it', () => {
    const row = failedRow({ provider, problem: problem('sign-in-needed', 'You are signed out.', { fix: 'sign-in' }) });
    assert.deepEqual([row.label, row.description], ['Box', 'Sign In · You are signed out.']);
    assert.equal(row.context, 'failed mendable');
    assert.equal(failedRow({ provider, problem: problem('protocol', 'Odd.') }).context, 'failed');
  });
});

describe('the question before', () => {
  it('a computer is attached says what happens, what does not, and that it is two-way', () => {
    const { message, detail } = attachQuestion(computerOf(), 'proj');
    assert.equal(message, 'Attach “cheeky” to the folder “proj”?');
    for (const words of [/^Box, 2 CPU/, /may cost money/, /Nothing is written there/, /two-way/, /lives on/])
      assert.match(detail ?? '', words);
  });

  it('a computer of this machine is attached or deleted says neither that it costs money nor that it is from elsewhere', () => {
    const local = computerOf({ local: true });
    assert.match(attachQuestion(local, 'proj').detail ?? '', /It is started if it is stopped\.\n/);
    assert.doesNotMatch(attachQuestion(local, 'proj').detail ?? '', /money/);
    assert.match(deleteQuestion(local).detail ?? '', /No session works with it.*on this machine/);
    assert.doesNotMatch(deleteQuestion(local).detail ?? '', /not started from/);
    const leftover = computerOf({ local: true, owner: { kind: 'leftover' } });
    assert.match(deleteQuestion(leftover).detail ?? '', /a session that is no more/);
  });

  it('a session lets go of its computer speaks of money where there is an account', () => {
    assert.match(letGoWords({ accountUrl: 'https://box.example' }), /goes on running and may cost money$/);
    assert.match(letGoWords({}), /goes on running$/);
  });

  it('a computer is deleted names it, and its session with what would be lost', () => {
    assert.match(deleteQuestion(computerOf()).message, /“cheeky”/);
    assert.match(deleteQuestion(computerOf()).detail ?? '', /not started from this machine/);
    assert.match(deleteQuestion(computerOf({ owner: { kind: 'maybe-ours' } })).detail ?? '', /just starting/);
    assert.match(deleteQuestion(computerOf({ owner: { kind: 'leftover' } })).detail ?? '', /a session that is no more/);
    const { message, detail } = deleteOwnQuestion(computerOf(), session);
    assert.match(message, /“Fix it”.*“cheeky”/);
    assert.match(detail ?? '', /folder “proj”.*taken in first.*Not taken home yet: 2 changes\..*is lost/s);
  });

  it('a sandbox is replaced says what goes in, what is lost, and that it costs money where it does', () => {
    const summary = { title: 'Fix it', sandbox: 'Box', changes: 1 };
    const last = { files: 3, bytes: 2048, at: 0 };
    const { message, detail } = refillQuestion(summary, last, true);
    assert.equal(message, 'Start a new sandbox (Box) for “Fix it” from the last checkpoint?');
    assert.match(detail ?? '', /3 files \(2\.0 kB\).* still offered: 1 change\..*is lost.*costs money/s);
    assert.doesNotMatch(refillQuestion(summary, last, false).detail ?? '', /money/);
  });
});

const tagsOf = (more: Partial<Computer>) => computerRow(computerOf(more)).context.split(' ');
