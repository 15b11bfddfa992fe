import assert from 'node:assert/strict';
import { relPath } from '../../../../src/core/paths.ts';
import type { FolderScan } from '../../../../src/core/storage.ts';
import {
  buildManifest,
  maySend,
  restrictManifest,
  takesDependencies,
  withHeld,
} from '../../../../src/core/sync/manifest.ts';

const file = (path: string, size = 1) => ({ path: relPath(path), size, exec: false });
const none: ReadonlySet<ReturnType<typeof relPath>> = new Set();

function scan(more: Partial<FolderScan> = {}): FolderScan {
  return {
    files: [file('src/b.ts', 5), file('.env', 7), file('a.ts', 3)],
    held: [],
    dependencies: [],
    source: 'git',
    ...more,
  };
}

describe('upload manifest', () => {
  it('holds back what is named like a secret and counts the rest', () => {
    const manifest = buildManifest(scan(), none);
    assert.deepEqual(
      manifest.files.map(({ path }) => path),
      ['a.ts', 'src/b.ts'],
    );
    assert.equal(manifest.bytes, 8);
    assert.deepEqual(manifest.held, [{ path: '.env', rule: 'secret-name', secret: 'env-file', size: 7, exec: false }]);
  });

  it('sends a held-back file that the person chose, and only that one', () => {
    const held = [
      { path: 'notes.txt', rule: 'ignored', size: 4, exec: false },
      { path: 'other.txt', rule: 'ignored', size: 4, exec: false },
      { path: '.git', rule: 'git-folder' },
    ] as const;
    const included = new Set([relPath('.env'), relPath('notes.txt'), relPath('.git'), relPath('missing')]);
    const manifest = buildManifest(scan({ held }), included);
    assert.deepEqual(
      manifest.files.map(({ path }) => path),
      ['.env', 'a.ts', 'notes.txt', 'src/b.ts'],
    );
    assert.deepEqual(manifest.included, ['.env', '.git', 'missing', 'notes.txt'], 'the choice, whatever is there now');
    assert.deepEqual(
      manifest.held.map(({ path }) => path),
      ['.git', 'other.txt'],
    );
  });

  it('says of an ignored file that it looks like a secret besides', () => {
    const manifest = buildManifest(scan({ held: [{ path: 'api/.env.local', rule: 'ignored' }] }), none);
    assert.equal(manifest.held.find(({ path }) => path === 'api/.env.local')?.secret, 'env-file');
  });

  it('changes its rules id with the rules alone, and its subject with the choices too', () => {
    const { rulesId: id, subject } = buildManifest(scan(), none);
    assert.equal(buildManifest(scan({ files: [file('z.ts')] }), none).rulesId, id);
    const chosen = buildManifest(scan(), new Set([relPath('.env')]));
    assert.equal(chosen.rulesId, id);
    assert.notEqual(chosen.subject, subject);
    assert.equal(buildManifest(scan({ files: [file('z.ts')] }), none).subject, subject);
    assert.notEqual(buildManifest(scan({ source: 'rules' }), none).rulesId, id);
  });

  it('holds back what was found to hold a secret, unless it was chosen', () => {
    const found = [{ path: 'a.ts', rule: 'secret-content', secret: 'token', size: 3, exec: false }] as const;
    const manifest = withHeld(buildManifest(scan(), none), found);
    assert.deepEqual([manifest.files.map(({ path }) => path), manifest.bytes], [['src/b.ts'], 5]);
    assert.deepEqual(
      manifest.held.map(({ path }) => path),
      ['.env', 'a.ts'],
    );
    assert.ok(manifest.held.every(maySend), 'a person may choose either');
    const chosen = buildManifest(scan(), new Set([relPath('a.ts')]));
    assert.deepEqual(withHeld(chosen, found), chosen);
  });

  it('names only the changed files of a later turn, under the same rules id', () => {
    const whole = buildManifest(scan({ dependencies: [{ path: relPath('node_modules'), size: 9, files: 2 }] }), none);
    const later = restrictManifest(whole, new Set([relPath('a.ts')]));
    assert.deepEqual(
      [later.files.length, later.bytes, later.dependencies.length, later.rulesId],
      [1, 3, 0, whole.rulesId],
    );
  });

  it('takes dependencies along only where they run and stay on this machine', () => {
    assert.equal(takesDependencies({ isolation: 'process', samePlatform: true }), true);
    assert.equal(takesDependencies({ isolation: 'cloud-vm', samePlatform: true }), false);
    assert.equal(takesDependencies({ isolation: 'process', samePlatform: false }), false);
  });
});
