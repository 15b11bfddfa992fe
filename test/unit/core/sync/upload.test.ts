import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { relPath, type RelPath } from '../../../../src/core/paths.ts';
import { problem } from '../../../../src/core/problem.ts';
import { buildManifest } from '../../../../src/core/sync/manifest.ts';
import { emptyTree } from '../../../../src/core/sync/tree.ts';
import type { Node, Tree } from '../../../../src/core/sync/types.ts';
import { afterUpload, hydrate, type UploadContext } from '../../../../src/core/sync/upload.ts';
import { UploadTarget } from './support/guest.ts';
import { fileNode, MemoryBlobs, MemoryFolder, textOf } from './support/memory.ts';

const none: ReadonlySet<ReturnType<typeof relPath>> = new Set();
const noSides = { ancestor: emptyTree, theirs: emptyTree };
const pem = `-----BEGIN PRIVATE KEY-----\n${'Ab3dEf7h'.repeat(8)}\n-----END PRIVATE KEY-----\n`;

function setUp() {
  const folder = new MemoryFolder();
  const blobs = new MemoryBlobs();
  const target = new UploadTarget();
  const signal = new AbortController().signal;
  const context: UploadContext = { sandbox: target.sandbox, root: target.root, folder, blobs, signal };
  const plan = async (included = none) => buildManifest(await folder.scan(), included);
  return { folder, blobs, target, context, plan };
}

describe('hydrate', () => {
  it('sends files, modes, links, empty folders and odd names, and answers with what now stands inside', async () => {
    const { folder, target, context, plan } = setUp();
    const long = `${'deep/'.repeat(30)}ünïcode “name”\nwith a line.txt`;
    folder.set('run.sh', '#!/bin/sh\n', true).set('empty', '').set(long, 'x').link('current', 'run.sh').dir('logs');
    const uploaded = await hydrate(await plan(), context);
    assert.equal(target.get('run.sh')?.mode, 0o755);
    assert.equal(target.get('empty')?.mode, 0o644);
    assert.equal(textOf(target.get(long)?.bytes ?? new Uint8Array()), 'x');
    assert.deepEqual([target.get('current')?.type, target.get('current')?.link], ['symlink', 'run.sh']);
    assert.equal(target.get('logs')?.type, 'directory');
    assert.equal(target.mode, 'replace');
    const expected: Tree = new Map<RelPath, Node>([
      [relPath('current'), { t: 'link', target: 'run.sh' }],
      [relPath(long), fileNode('x')],
      [relPath('empty'), fileNode('')],
      [relPath('logs'), { t: 'dir' }],
      [relPath('run.sh'), fileNode('#!/bin/sh\n', true)],
    ]);
    assert.deepEqual(new Map([...uploaded.sent].sort()), new Map([...expected].sort()));
    assert.deepEqual(afterUpload(noSides, uploaded, []).ancestor, uploaded.sent);
  });

  it('leaves out what looks like a key inside, unless the person chose that file', async () => {
    const { folder, target, context, plan } = setUp();
    folder.set('notes.txt', pem).set('a.ts', 'ok');
    const first = await hydrate(await plan(), context);
    assert.deepEqual(first.leftOut, [
      { path: 'notes.txt', size: pem.length, exec: false, rule: 'secret-content', secret: 'private-key' },
    ]);
    assert.equal(target.get('notes.txt'), undefined);
    assert.equal(first.sent.has(relPath('notes.txt')), false);
    const second = await hydrate(await plan(new Set([relPath('notes.txt')])), context);
    assert.deepEqual(second.leftOut, []);
    assert.equal(textOf(target.get('notes.txt')?.bytes ?? new Uint8Array()), pem);
  });

  for (const before of [300_000, 1_100_000, 5_000_000]) {
    it(`leaves out a file with a key after ${before} other bytes`, async () => {
      const { folder, target, context, plan } = setUp();
      const text = `${'harmless line\n'.repeat(before / 14)}${pem}`;
      folder.set('log.txt', text).set('z', 'ok');
      const { leftOut, sent } = await hydrate(await plan(), context);
      assert.deepEqual(leftOut, [
        { path: 'log.txt', size: text.length, exec: false, rule: 'secret-content', secret: 'private-key' },
      ]);
      assert.deepEqual([[...sent.keys()], target.members.map(({ name }) => name)], [['z'], ['z']]);
    });
  }

  it('refuses a name that looks like a secret even where the manifest lists it', async () => {
    const { folder, target, context, plan } = setUp();
    folder.set('.env', 'A=1');
    const forged = { ...(await plan()), files: folder.files() };
    const { leftOut } = await hydrate(forged, context);
    assert.deepEqual(
      leftOut.map(({ rule }) => rule),
      ['secret-name'],
    );
    assert.deepEqual(target.members, []);
  });

  for (const [what, size, change] of [
    ['a small file that grows', 1000, 5000],
    ['a small file that shrinks', 5000, 10],
    ['a large file that grows', 3_000_000, 4_000_000],
    ['a large file that shrinks', 4_000_000, 1_500_000],
  ] as const) {
    it(`sends a whole archive and the very bytes it names as ancestor for ${what} while it is read`, async () => {
      const { folder, blobs, target, context, plan } = setUp();
      folder.set('log', randomBytes(size)).set('zz', 'after');
      const manifest = await plan();
      folder.whileReading = (path) => {
        if (path === 'log') folder.set('log', randomBytes(change));
      };
      const { sent } = await hydrate(manifest, context);
      const arrived = target.get('log')?.bytes;
      assert.ok(arrived);
      assert.deepEqual(sent.get(relPath('log')), fileNode(arrived));
      assert.deepEqual(Buffer.from(await blobs.get(fileNode(arrived).blob)), Buffer.from(arrived));
      assert.equal(textOf(target.get('zz')?.bytes ?? new Uint8Array()), 'after');
    });
  }

  it('goes on without a file that is gone meanwhile and says so', async () => {
    const { folder, context, plan } = setUp();
    folder.set('a', '1').set('b', '2');
    const manifest = await plan();
    folder.delete('a');
    const { leftOut, sent } = await hydrate(manifest, context);
    assert.deepEqual(
      leftOut.map(({ path, rule }) => [path, rule]),
      [['a', 'unreadable']],
    );
    assert.deepEqual([...sent.keys()], ['b']);
  });

  it('takes dependencies along as private copies, outside the ancestor', async () => {
    const { folder, target, context, plan } = setUp();
    folder.set('a', '1').set('node_modules/x/index.js', 'x()', true);
    const inside = folder.files().filter(({ path }) => path.startsWith('node_modules'));
    folder.dependencies.set(relPath('node_modules'), inside);
    const manifest = await plan();
    const { sent } = await hydrate({ ...manifest, files: manifest.files.filter(({ path }) => path === 'a') }, context);
    assert.equal(target.get('node_modules/x/index.js')?.mode, 0o755);
    assert.deepEqual([...sent.keys()], ['a']);
  });

  it('leaves out of dependencies what looks like a secret and links that lead elsewhere', async () => {
    const { folder, target, context, plan } = setUp();
    folder
      .set('.venv/bin/activate', '#')
      .set('.venv/.env', 'A=1')
      .set('.venv/pip.conf', '[global]\nindex-url = https://me:secret123@pypi.example/simple\n')
      .set('.venv/note', pem)
      .set('.venv/cacert.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n')
      .set('.venv/big', randomBytes(1_500_000))
      .link('.venv/bin/python', '/home/me/.pyenv/versions/3.12/bin/python3.12')
      .link('.venv/bin/python3', 'python')
      .link('.venv/lib64', '/usr/lib')
      .link('.venv/pkg', '../packages/pkg')
      .link('.venv/out', '../../elsewhere')
      .link('.venv/home', '/home/me/.ssh')
      .link('.venv/up', '/usr/../home/me');
    folder.dependencies.set(relPath('.venv'), [
      ...folder.files(),
      { path: relPath('.venv/gone'), size: 3, exec: false },
    ]);
    const { leftOut, sent } = await hydrate({ ...(await plan()), files: [] }, context);
    assert.deepEqual(
      leftOut.map(({ path, rule, secret }) => [path, rule, secret]),
      [
        ['.venv/.env', 'secret-name', 'env-file'],
        ['.venv/pip.conf', 'secret-content', 'credentials'],
        ['.venv/note', 'secret-content', 'private-key'],
        ['.venv/out', 'link-outside', undefined],
        ['.venv/home', 'link-outside', undefined],
        ['.venv/up', 'link-outside', undefined],
        ['.venv/gone', 'unreadable', undefined],
      ],
    );
    assert.deepEqual(
      target.members.map(({ name }) => name.slice('.venv/'.length)),
      ['bin/activate', 'cacert.pem', 'big', 'bin/python', 'bin/python3', 'lib64', 'pkg'],
    );
    assert.equal(target.get('.venv/big')?.bytes.length, 1_500_000);
    assert.equal(sent.size, 0);
  });

  it('looks for logins in all of a settings file of dependencies, however large', async () => {
    const { folder, target, context, plan } = setUp();
    const noted = (from: string) => `${'{"version": "1.0.0"}\n'.repeat(60_000)}{"resolved": "${from}/a.tgz"}`;
    folder
      .set('node_modules/.package-lock.json', noted('https://user:hunter22@npm.corp'))
      .set('web/node_modules/.package-lock.json', noted('https://npm.corp'))
      .set('huge/node_modules/.package-lock.json', Buffer.alloc(17 * 1024 * 1024, 'x'));
    folder.dependencies.set(relPath('node_modules'), folder.files());
    const { leftOut } = await hydrate({ ...(await plan()), files: [] }, context);
    assert.deepEqual(
      leftOut.map(({ path, rule, secret }) => [path, rule, secret]),
      [
        ['node_modules/.package-lock.json', 'secret-content', 'credentials'],
        ['huge/node_modules/.package-lock.json', 'too-large', undefined],
      ],
    );
    assert.deepEqual(
      target.members.map(({ name }) => name),
      ['web/node_modules/.package-lock.json'],
    );
  });

  it('moves nothing where the upload was not committed', async () => {
    const { folder, target, context, plan } = setUp();
    folder.set('a', '1');
    target.answer = { kind: 'unknown', problem: problem('upload-failed', 'lost') };
    const uploaded = await hydrate(await plan(), context);
    assert.deepEqual(afterUpload(noSides, uploaded, []), noSides);
  });

  it('stops when it is told to', async () => {
    const { folder, context, plan } = setUp();
    folder.set('a', '1').set('b', '2');
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(hydrate(await plan(), { ...context, signal: stop.signal }));
  });
});
