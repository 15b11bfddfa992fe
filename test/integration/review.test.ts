import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { mintId } from '../../src/shared/ids.ts';
import { relPath } from '../../src/core/paths.ts';
import type { Session } from '../../src/core/session/api.ts';
import type { BlobId, Change, ChangeSet, Node } from '../../src/core/sync/types.ts';
import { ReviewFiles } from '../../src/ui/review/files.ts';
import { openChange, openReview } from '../../src/ui/review/open.ts';
import { closeStaleReviews, reviewedSets } from '../../src/ui/review/stale.ts';
import { parseReviewUri, reviewUri } from '../../src/ui/review/uris.ts';
import { eventually } from '../support/vscode/eventually.ts';

const scheme = 'airlock-review-test';
const text = (value: string) => new TextEncoder().encode(value);
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

const changes = [
  changeOf('src/a.ts'),
  changeOf('src/new.ts', { base: 'absent', ours: 'absent' }),
  changeOf('src/old.ts', { theirs: 'absent' }),
  changeOf('src/merged.ts', { merge: 'auto', ours: node('2'), result: node('3') }),
  changeOf('.vscode/tasks.json', { danger: ['editor-config'] }),
];

const set: ChangeSet = {
  id: mintId('change-set'),
  checkpoint: mintId('checkpoint'),
  changes,
  asOf: 1234,
  warnings: [],
};

/** A session of which only its frozen change set is asked for. */
const session = {
  id: mintId('session'),
  folder: { uri: 'file:///work/proj', path: '/work/proj', name: 'proj' },
  summary: () => ({ folder: 'proj' }),
  changes: () => set,
  content: (id: string, path: string, side: string) =>
    Promise.resolve(id === set.id && path !== 'src/gone.ts' ? text(`${side} of ${path}`) : undefined),
} as unknown as Session;

interface DiffTab {
  readonly original?: vscode.Uri;
  readonly modified?: vscode.Uri;
}

/** The rows of the native multi-diff that is open; its tab's class has no public name. */
function openDiffs(): readonly DiffTab[] {
  const inputs: readonly unknown[] = vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.input));
  for (const input of inputs) {
    if (typeof input === 'object' && input !== null && 'textDiffs' in input) return input.textDiffs as DiffTab[];
  }
  return [];
}

/** The editor tells its extensions of a new tab only after the command that opened it. */
async function openedDiffs(): Promise<readonly DiffTab[]> {
  return await eventually(() => Promise.resolve(openDiffs().length > 0 ? openDiffs() : undefined), 'the multi-diff');
}

/** What the tab in front is and shows, once it is a diff of two files. */
async function openedDiff(): Promise<vscode.TabInputTextDiff> {
  return await eventually(() => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    return Promise.resolve(input instanceof vscode.TabInputTextDiff ? input : undefined);
  }, 'the diff');
}

const named = (uri: vscode.Uri | undefined) => {
  const target = uri && parseReviewUri(uri);
  return uri && target && `${uri.scheme}:${uri.path} ${target.side}`;
};

describe('the review', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens every change in one native multi-diff, at the local file’s own path', async () => {
    await openReview(session, set);
    const rows = (await openedDiffs()).map(({ original, modified }) => [named(original), named(modified)]);
    assert.deepEqual(rows, [
      ['airlock:/work/proj/src/a.ts ours', 'airlock:/work/proj/src/a.ts theirs'],
      ['airlock:/work/proj/src/merged.ts ours', 'airlock:/work/proj/src/merged.ts result'],
      ['airlock:/work/proj/.vscode/tasks.json.txt ours', 'airlock:/work/proj/.vscode/tasks.json.txt theirs'],
    ]);
    // Rows with one side only are drawn and counted, but not handed to extensions.
    const label = () => vscode.window.tabGroups.activeTabGroup.activeTab?.label;
    await eventually(() => Promise.resolve(label() === 'Review proj (5 files)' || undefined), 'the count of all');
  });

  it('leaves the diffs of pictures open beside the multi-diff, which cannot draw them', async () => {
    const absent = { base: 'absent', ours: 'absent' } as const;
    const pictures = [changeOf('a.png'), changeOf('b.png'), changeOf('new.png', absent), changeOf('newer.png', absent)];
    await openReview(session, { ...set, changes: [...changes, ...pictures] });
    const labels = () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    await eventually(() => Promise.resolve(labels().length === 5 || undefined), 'four pictures and the review');
    for (const { path } of pictures)
      assert.ok(
        labels().some((label) => label.startsWith(path)),
        path,
      );
  });

  it('opens one change as a diff', async () => {
    const [change] = changes;
    assert.ok(change);
    await openChange(session, set, change);
    const input = await openedDiff();
    assert.deepEqual(
      [named(input.original), named(input.modified)].map((name) => name?.split(' ')[1]),
      ['ours', 'theirs'],
    );
  });

  it('is closed after a reload only where its change set is a past one', async () => {
    await openReview(session, set);
    assert.equal((await openedDiffs()).length, 3);
    const restored = reviewedSets();
    await closeStaleReviews(restored, set.id);
    assert.equal(openDiffs().length, 3);
    await closeStaleReviews(new Set(), undefined);
    assert.equal(openDiffs().length, 3, 'a person opened it since');
    await closeStaleReviews(restored, mintId('change-set'));
    await eventually(() => Promise.resolve(openDiffs().length === 0 || undefined), 'the end of the multi-diff');
  });
});

describe('the files of a review', () => {
  let registered: vscode.Disposable;
  const at = (change: Change, side: 'ours' | 'theirs') => reviewUri(session, set.id, change, side).with({ scheme });
  const plain = changeOf('src/a.ts');

  before(() => {
    const files = new ReviewFiles((id) => Promise.resolve(id === session.id ? session : undefined));
    registered = files.register(scheme);
  });

  after(() => {
    registered.dispose();
  });

  it('are the bytes of the frozen set, with an honest size and time', async () => {
    const uri = at(plain, 'theirs');
    assert.equal(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)), 'theirs of src/a.ts');
    const { size, mtime, type } = await vscode.workspace.fs.stat(uri);
    assert.deepEqual([size, mtime, type], [18, 1234, vscode.FileType.File]);
  });

  it('are not found where the session, the set or the side is not there', async () => {
    const notFound = (error: unknown) => error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
    const uri = at(plain, 'theirs');
    const other = new URLSearchParams(uri.query);
    other.set('session', mintId('session'));
    const wrong = [
      uri.with({ query: other.toString() }),
      uri.with({ query: '' }),
      at(changeOf('src/gone.ts'), 'theirs'),
      reviewUri(session, mintId('change-set'), plain, 'theirs').with({ scheme }),
    ];
    for (const one of wrong) await assert.rejects(Promise.resolve(vscode.workspace.fs.stat(one)), notFound);
  });

  it('cannot be written, renamed or deleted', async () => {
    assert.equal(vscode.workspace.fs.isWritableFileSystem(scheme), false);
    const { fs } = vscode.workspace;
    const uri = at(plain, 'theirs');
    await assert.rejects(Promise.resolve(fs.writeFile(uri, text('x'))));
    await assert.rejects(Promise.resolve(fs.delete(uri)));
    await assert.rejects(Promise.resolve(fs.rename(uri, at(plain, 'ours'))));
    await assert.rejects(Promise.resolve(fs.createDirectory(uri)));
  });

  it('of what runs by itself are read as plain text', async () => {
    const hook = changes.find(({ danger }) => danger.length > 0);
    assert.ok(hook);
    const document = await vscode.workspace.openTextDocument(at(hook, 'theirs'));
    assert.equal(document.languageId, 'plaintext');
  });
});

describe('a border act asked for by another extension', () => {
  it('does nothing by its arguments', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const before = await vscode.workspace.fs.readDirectory(folder.uri);
    const evil = { gesture: { act: 'apply', subject: set.id }, set: set.id, paths: ['src/a.ts'] };
    for (const id of ['airlock.apply', 'airlock.undoApply', 'airlock.reject']) {
      await vscode.commands.executeCommand(id, evil, [evil], true);
    }
    assert.deepEqual(await vscode.workspace.fs.readDirectory(folder.uri), before);
    await vscode.commands.executeCommand('notifications.clearAll');
  });
});
