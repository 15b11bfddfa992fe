import assert from 'node:assert/strict';
import { mintId } from '../../../src/shared/ids.ts';
import { relPath } from '../../../src/core/paths.ts';
import { maxMergedBytes } from '../../../src/core/sync/sizes.ts';
import type { BlobId, Change, ChangeSet, Node } from '../../../src/core/sync/types.ts';
import { changeRow, Checks, groupsOf, tooltipOf } from '../../../src/ui/changes/model.ts';
import type { SessionStatus } from '../../../src/shared/view.ts';
import {
  applyQuestion,
  emptySentence,
  rejectQuestion,
  resultSentence,
  undoQuestion,
  unsavedQuestion,
} from '../../../src/ui/changes/texts.ts';
import { unsavedAmong } from '../../../src/ui/changes/unsaved.ts';

const node = (fill: string): Node => ({ t: 'file', blob: fill.repeat(64) as BlobId, size: 1, exec: false });

function changeOf(path: string, more: Partial<Change> = {}): Change {
  return {
    path: relPath(path),
    base: node('0'),
    theirs: node('1'),
    ours: node('0'),
    merge: 'take',
    danger: [],
    ...more,
  };
}

function setOf(...changes: Change[]): ChangeSet {
  return { id: mintId('change-set'), checkpoint: mintId('checkpoint'), changes, asOf: 0, warnings: [] };
}

const session = mintId('session');
const plain = changeOf('src/b.ts');
const added = changeOf('src/a.ts', { base: 'absent', ours: 'absent' });
const conflict = changeOf('src/c.ts', { merge: 'conflict', ours: node('2') });
const hook = changeOf('.vscode/tasks.json', { danger: ['editor-config'] });
const git = changeOf('.git/config', { merge: 'blocked', blockedWhy: 'lies in a Git folder', danger: ['git-config'] });

describe('changes', () => {
  it('lie in groups: ordinary ones, conflicts, what runs by itself, what stays', () => {
    const groups = groupsOf(setOf(git, hook, conflict, plain, added));
    assert.deepEqual(
      groups.map(({ id, changes }) => [id, changes.map(({ path }) => path)]),
      [
        ['changes', ['src/a.ts', 'src/b.ts']],
        ['conflicts', ['src/c.ts']],
        ['quarantine', ['.vscode/tasks.json']],
        ['blocked', ['.git/config']],
      ],
    );
    assert.deepEqual(groupsOf(undefined), []);
  });

  it('are checked only where they are ordinary', () => {
    const checks = new Checks();
    assert.deepEqual(
      checks.checkedOf(session, setOf(git, hook, conflict, plain, added)).map(({ path }) => path),
      ['src/b.ts', 'src/a.ts'],
    );
  });

  it('that have no ancestor say so', () => {
    const two = (more: Partial<Change>) => changeRow(changeOf('a.ts', { base: 'absent', ours: node('2'), ...more }));
    const differs = /^differs on both sides, and what there was before is not known/;
    assert.match(two({ merge: 'conflict' }).description, differs);
    assert.match(two({ merge: 'binary' }).description, differs);
    assert.match(changeRow(conflict).description, /^both sides changed the same lines/);
  });

  it('a conflict that is also dangerous is never checked by itself', () => {
    const both = changeOf('.vscode/settings.json', { merge: 'conflict', danger: ['editor-config'] });
    assert.equal(new Checks().isChecked(session, both), false);
    assert.equal(groupsOf(setOf(both))[0]?.id, 'quarantine');
  });

  it('keep a tick for exactly what was seen', () => {
    const checks = new Checks();
    checks.set(session, hook, true);
    assert.equal(checks.isChecked(session, { ...hook }), true);
    for (const other of [
      { ...hook, theirs: node('9') },
      { ...hook, ours: node('9') },
      { ...hook, danger: ['git-config'] as const },
      { ...hook, merge: 'conflict' as const, ours: node('5') },
    ]) {
      assert.equal(checks.isChecked(session, other), false);
    }
    assert.equal(checks.isChecked(mintId('session'), hook), false);
  });

  it('lose a tick that was set on an ordinary change when it becomes a conflict or dangerous', () => {
    const checks = new Checks();
    checks.set(session, plain, true);
    assert.equal(checks.isChecked(session, { ...plain, merge: 'conflict', ours: node('5') }), false);
    assert.equal(checks.isChecked(session, { ...plain, danger: ['git-config'] }), false);
  });

  it('stay unchecked for the same content of the sandbox, whatever happens here', () => {
    const checks = new Checks();
    checks.set(session, plain, false);
    assert.equal(checks.isChecked(session, { ...plain, ours: node('5') }), false);
    assert.equal(checks.isChecked(session, { ...plain, theirs: node('5') }), true);
    assert.equal(checks.isChecked(mintId('session'), plain), true);
    checks.set(session, plain, true);
    assert.equal(checks.isChecked(session, plain), true);
  });

  it('that are blocked cannot be checked', () => {
    const checks = new Checks();
    checks.set(session, git, true);
    assert.equal(checks.isChecked(session, git), false);
  });

  it('say in words what happens and why', () => {
    assert.deepEqual(changeRow(hook), {
      label: 'tasks.json',
      description: 'an editor or tool runs it · .vscode · modified',
      spoken: '.vscode/tasks.json, modified, an editor or tool runs it',
    });
    assert.match(changeRow(changeOf('x', { theirs: 'absent' })).description, /^deleted$/);
    const withheld = { danger: 'package-script', keys: ['scripts'], whole: node('3'), ancestor: node('4') } as const;
    const part = changeOf('package.json', { withheld });
    assert.match(changeRow(part).description, /^modified · without scripts$/);
    assert.match(tooltipOf(part), /^Comes without scripts: .*Offered apart/m);
    assert.match(changeRow(added).description, /added/);
    assert.match(changeRow(git).description, /lies in a Git folder/);
  });
});

describe('a conflict', () => {
  const dir: Node = { t: 'dir' };
  const link = (target: string): Node => ({ t: 'link', target });
  const large: Node = { t: 'file', blob: '3'.repeat(64) as BlobId, size: maxMergedBytes + 1, exec: false };
  const rows: readonly (readonly [Partial<Change>, RegExp])[] = [
    [{ ours: node('2') }, /^both sides changed the same lines/],
    [{ theirs: 'absent', ours: node('2') }, /^deleted in the sandbox, changed here/],
    [{ ours: 'absent' }, /^changed in the sandbox, deleted here/],
    [{ base: 'absent', ours: dir }, /^a file in the sandbox, a folder here/],
    [{ theirs: dir, ours: node('2') }, /^a folder in the sandbox, a file here/],
    [{ theirs: node('1'), ours: link('x') }, /^a file in the sandbox, a link here/],
    [{ base: link('x'), theirs: link('y'), ours: link('z') }, /^both sides changed where the link leads/],
    [{ base: dir, ours: node('2') }, /^both sides put a file of their own here/],
    [{ merge: 'binary', ours: node('2') }, /^both sides changed it and it is no text/],
    [{ merge: 'binary', ours: large }, /^both sides changed it and it is too large to be merged/],
  ];
  for (const [more, words] of rows) {
    it(`says what collides: ${words.source.slice(1)}`, () => {
      assert.match(changeRow(changeOf('a', { merge: 'conflict', ...more })).description, words);
    });
  }
});

describe('unsaved edits', () => {
  const open = (uri: string, isDirty = true) => ({ uri, isDirty, save: () => Promise.resolve(true) });
  const [text, notebook] = [open('file:///p/a.ts'), open('file:///p/b.ipynb')];
  const others = [open('file:///p/c.ts'), open('file:///p/d.ts', false), open('vscode-notebook-cell:///p/b.ipynb#1')];

  it('are found in documents and notebooks that would be written, and in no other', () => {
    const files = ['file:///p/a.ts', 'file:///p/b.ipynb', 'file:///p/d.ts'];
    assert.deepEqual(unsavedAmong([text, notebook, ...others], files), [text, notebook]);
  });

  it('are told of before an apply and before an undo', () => {
    const { message, button } = unsavedQuestion(['a.ts'], 'apply');
    assert.equal(message, '1 file to be written has unsaved edits: a.ts.');
    assert.equal(button, 'Save and Compare Again');
    assert.match(unsavedQuestion(['a.ts', 'b.ipynb'], 'undo').message, /^2 files to be restored have unsaved edits/);
  });
});

describe('a hostile name', () => {
  const name = 'a.ts\n\nSafe “.git hooks”\u202egnp.\u0007\u200b\t';
  const shown = 'a.ts<U+000A><U+000A>Safe “.git hooks”<U+202E>gnp.<U+0007><U+200B><U+0009>';
  const odd = changeOf(`in\nner/${name}`, { danger: ['git-config'], reasons: [`${name} runs.`] });
  const unseen = /(?!\n)\p{C}/u;

  it('forges no row, tooltip or spoken text', () => {
    const row = changeRow({ ...odd, theirs: { t: 'link', target: name } });
    assert.equal(row.label, shown);
    for (const text of [row.label, row.description, row.spoken]) assert.doesNotMatch(text, /\p{C}/u);
    assert.equal(tooltipOf(odd), `in<U+000A>ner/${shown}\n${shown} runs.`);
  });

  it('forges no dialog', () => {
    const gone = { ...odd, theirs: 'absent', merge: 'conflict' } as const;
    const { message, detail = '' } = applyQuestion([odd, gone, { ...odd, merge: 'auto' }], 'proj', [`${name} changed`]);
    assert.doesNotMatch(message + detail, unseen);
    assert.doesNotMatch(detail, /^Safe/m);
    const undoable = { set: mintId('change-set'), paths: [odd.path], at: 0, changedSince: [odd.path] };
    const texts = [
      rejectQuestion([odd]).detail,
      undoQuestion(undoable, 'proj', 0).detail,
      resultSentence('Applied', { applied: [], skipped: [{ path: odd.path, why: 'changed' }] }, 'proj'),
    ];
    for (const text of texts) {
      assert.doesNotMatch(text ?? '', unseen);
      assert.doesNotMatch(text ?? '', /^Safe/m);
    }
  });
});

describe('the apply question', () => {
  it('names the count and the folder, what is replaced, deleted and what runs', () => {
    const gone = changeOf('old.ts', { theirs: 'absent' });
    const { message, detail = '' } = applyQuestion([plain, conflict, hook, gone], 'proj', ['A fifth vanished.']);
    assert.equal(message, 'Apply 4 files to “proj”?');
    assert.match(detail, /^Files: .*old\.ts.*\n\nA fifth vanished\./);
    assert.match(detail, /taken whole, your own edits there are replaced: src\/c\.ts/);
    assert.match(detail, /Deleted: old\.ts/);
    assert.match(detail, /\.vscode\/tasks\.json: an editor or tool runs it/);
    assert.equal(applyQuestion([plain], 'proj', []).message, 'Apply 1 file to “proj”?');
  });

  it('is answered with what was done and what was passed over', () => {
    const [path] = [relPath('a.ts')];
    assert.equal(resultSentence('Applied', { applied: [path], skipped: [] }, 'proj'), 'Applied 1 file to “proj”.');
    assert.equal(
      resultSentence('Applied', { applied: [], skipped: [{ path, why: 'changed meanwhile' }] }, 'proj'),
      'Nothing was applied: a.ts (changed meanwhile).',
    );
    assert.equal(
      resultSentence('Restored', { applied: [], skipped: [{ path, why: 'changed since' }] }, 'proj'),
      'Undo restored nothing: a.ts (changed since).',
    );
    assert.equal(
      resultSentence(
        'Restored',
        { applied: [], skipped: [{ path, why: 'It changed since, and cannot be merged.' }] },
        'proj',
      ),
      'Undo restored nothing: a.ts (it changed since, and cannot be merged).',
    );
    assert.match(
      resultSentence('Applied', { applied: [path], skipped: [{ path, why: 'ENOSPC: no space left' }] }, 'proj'),
      /Skipped a\.ts \(ENOSPC: no space left\)\.$/,
    );
  });

  it('is not asked where there is nothing, which is said as it is', () => {
    const said = (status: SessionStatus, network?: string) =>
      emptySentence({ status, elsewhere: false, ...(network === undefined ? {} : { network }) });
    assert.equal(said('idle', 'no network'), 'Sandbox matches your folder.');
    assert.match(said('stopped'), /does not run/);
    assert.match(said('gone'), /does not run/);
    assert.match(said('new'), /not started yet/);
    assert.match(said('failed', 'no network'), /matches/);
    const watched = emptySentence({ status: 'idle', elsewhere: true, network: 'no network' });
    assert.match(watched, /^Another window/, 'this one does not know whether anything differs');
  });

  it('has an undo that tells which files changed since', () => {
    const undoable = {
      set: mintId('change-set'),
      paths: ['a.ts', 'b.ts'].map(relPath),
      at: 0,
      changedSince: [relPath('a.ts')],
    };
    assert.match(
      undoQuestion(undoable, 'proj', 300_000).detail ?? '',
      /2 files 5 min ago.*\n\nChanged since then: a\.ts/,
    );
  });
});
