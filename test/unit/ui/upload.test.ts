import assert from 'node:assert/strict';
import { relPath } from '../../../src/core/paths.ts';
import type { UploadManifest } from '../../../src/core/sync/types.ts';
import { Taste } from '../../../src/ui/taste.ts';
import { approvalOf, kindOf, readApproval, whyAskPush, whyAskUpload } from '../../../src/ui/upload/approval.ts';
import { uploadList, uploadText } from '../../../src/ui/upload/summary.ts';

const file = (path: string, size = 10) => ({ path: relPath(path), size, exec: false });

function manifestOf(more: Partial<UploadManifest> = {}): UploadManifest {
  const files = more.files ?? [file('src/a.ts'), file('README.md')];
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { files, held: [], dependencies: [], included: [], rulesId: 'r1', subject: 'r1', bytes, ...more };
}

const place = { folder: 'proj', sandbox: 'Box', isolation: 'A box with walls.' };

describe('what was agreed to', () => {
  const agreed = approvalOf(manifestOf());

  it('covers more of the same', () => {
    assert.equal(whyAskUpload(manifestOf({ files: [file('lib/b.ts')] }), agreed), undefined);
    assert.equal(whyAskPush(manifestOf({ files: [file('lib/b.ts'), file('lib/NOTES.MD')] }), agreed), undefined);
  });

  it('covers nothing before there is any', () => {
    assert.ok(whyAskUpload(manifestOf(), undefined));
    assert.ok(whyAskPush(manifestOf(), undefined));
  });

  it('does not cover other rules', () => {
    assert.match(whyAskUpload(manifestOf({ rulesId: 'r2' }), agreed) ?? '', /rules/);
  });

  it('does not cover a new kind of file', () => {
    assert.match(whyAskPush(manifestOf({ files: [file('db/dump.sql')] }), agreed) ?? '', /\*\.sql/);
    const more = approvalOf(manifestOf({ files: [file('db/dump.sql')] }), agreed);
    assert.equal(whyAskPush(manifestOf({ files: [file('other.sql'), file('a.ts')] }), more), undefined);
  });

  it('does not cover a secret that it did not tell of', () => {
    const held = [{ path: '.env.local', rule: 'secret-name', secret: 'env-file' }] as const;
    assert.match(whyAskPush(manifestOf({ held }), agreed) ?? '', /\.env\.local/);
    assert.equal(whyAskPush(manifestOf({ held }), approvalOf(manifestOf({ held }))), undefined);
  });

  it('does not cover unusually much at once', () => {
    assert.match(whyAskPush(manifestOf({ files: [file('big.ts', 30_000_000)] }), agreed) ?? '', /30\.0 MB/);
    const many = Array.from({ length: 501 }, (_, n) => file(`${n}.ts`));
    assert.match(whyAskPush(manifestOf({ files: many }), agreed) ?? '', /501 files/);
  });

  it('keeps what was chosen to go in all the same, as far as it can be read', () => {
    const included = [relPath('.env'), relPath('a/b.pem')];
    const agreedTo = approvalOf(manifestOf({ included }));
    assert.deepEqual(readApproval(JSON.parse(JSON.stringify(agreedTo))), agreedTo);
    assert.deepEqual(readApproval({ ...agreedTo, included: ['../out', '.env', 7] })?.included, []);
    assert.deepEqual(readApproval({ ...agreedTo, included: ['../out', '.env'] })?.included, ['.env']);
    const { rulesId, kinds, secrets } = agreedTo;
    assert.deepEqual(readApproval({ rulesId, kinds, secrets })?.included, []);
  });

  it('does not cover what was chosen since, and keeps the kinds when that is agreed to', () => {
    const included = [relPath('.env')];
    const chosen = manifestOf({ files: [file('.env')], included, subject: 'r1 and .env' });
    assert.match(whyAskPush(chosen, agreed) ?? '', /You chose to send .*\.env/);
    const more = approvalOf(chosen, agreed);
    assert.deepEqual(more.included, included);
    assert.equal(whyAskPush(manifestOf({ included, subject: 'r1 and .env' }), more), undefined, 'as before');
  });

  it('says what becomes of a copy that is not to go in any more', () => {
    const more = approvalOf(manifestOf({ included: [relPath('.env')] }), agreed);
    assert.match(whyAskPush(manifestOf(), more) ?? '', /Not sent any more; a copy .* stays there: \.env/);
  });

  it('forgets the kinds of other rules', () => {
    const fresh = approvalOf(manifestOf({ files: [file('a.py')], rulesId: 'r2' }), agreed);
    assert.deepEqual(fresh.kinds, ['*.py']);
  });

  it('tells kinds apart by ending or whole name', () => {
    assert.equal(kindOf('a/b.test.TS'), '*.ts');
    assert.equal(kindOf('a/Makefile'), 'Makefile');
    assert.equal(kindOf('.npmrc'), '.npmrc');
  });
});

describe('a folder that is to be asked about again', () => {
  it('forgets what was agreed to and wanted for it and for the session, and nothing else', async () => {
    const kept = new Map<string, unknown>();
    const taste = new Taste({
      get: (key) => kept.get(key),
      keys: () => [...kept.keys()],
      update: (key, value) => {
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
        return Promise.resolve();
      },
    });
    const [one, two] = ['file:///one', 'file:///two'];
    for (const folder of [one, two]) {
      await taste.setFolderApproval(folder, 'Box', approvalOf(manifestOf()));
      await taste.setToolchains(folder, { offered: [], agreed: [] });
      await taste.setWanted(folder, [relPath('.env')]);
      await taste.setSandbox(folder, 'box');
    }
    for (const session of ['s-1', 's-2']) await taste.setSessionApproval(session, approvalOf(manifestOf()));
    await taste.setWanted('s-1', [relPath('.env')]);
    await taste.askAgain(one, 's-1');
    assert.deepEqual([...kept.keys()].sort(), [
      `sandbox:${one}`,
      `sandbox:${two}`,
      `toolchains:${two}`,
      `upload:Box:${two}`,
      'upload:s-2',
      `wanted:${two}`,
    ]);
  });
});

describe('the upload question', () => {
  it('names count, size, what is held back and why, and dependencies apart', () => {
    const { message, detail } = uploadText(
      manifestOf({
        held: [
          { path: '.git', rule: 'git-folder' },
          { path: 'dist', rule: 'ignored' },
          { path: '.env', rule: 'secret-name', secret: 'env-file' },
        ],
        dependencies: [{ path: relPath('node_modules'), size: 2_000_000, files: 1200 }],
      }),
      place,
    );
    assert.equal(message, 'Send 2 files (20 B) from “proj” into the sandbox (Box)?');
    assert.match(detail, /A box with walls\./);
    assert.match(detail, /1 named like a secret: \.env/);
    assert.match(detail, /1 named by ignore rules: dist/);
    assert.match(detail, /Git’s own data/);
    assert.match(detail, /node_modules \(1,200 files, 2\.0 MB\)/);
    assert.ok(detail.indexOf('.env') < detail.indexOf('dist'), 'secrets come first');
    assert.doesNotMatch(detail, /Show Details/, 'none of them is known as a single file');
  });

  it('tells that single files can be sent all the same', () => {
    const held = [{ path: '.env', rule: 'secret-name', secret: 'env-file', exec: false }] as const;
    assert.match(uploadText(manifestOf({ held }), place).detail, /“Show Details” lets you send single ones/);
  });

  it('names what goes in only because it was chosen, and only where it goes in now', () => {
    const included = [relPath('.env.test'), relPath('gone.pem')];
    const manifest = manifestOf({ files: [file('a.ts'), file('.env.test')], included });
    const chosen = /sent because you chose it:\n• \.env\.test$/m;
    assert.match(uploadText(manifest, place).detail, chosen);
    assert.match(uploadList(manifest, place), /sent because you chose it: 1\n {2}\.env\.test\n/);
    assert.doesNotMatch(uploadText(manifestOf({ included }), place).detail, /chose it/);
    assert.doesNotMatch(uploadList(manifestOf({ included }), place), /chose it/);
  });

  it('says so where nothing goes in', () => {
    assert.match(uploadText(manifestOf({ files: [] }), place).message, /no files/);
  });

  it('has a list behind it with every path', () => {
    const held = Array.from({ length: 40 }, (_, n) => ({ path: `ignored/${n}`, rule: 'ignored' as const }));
    const text = uploadList(manifestOf({ held }), place);
    for (const path of ['src/a.ts', 'README.md', ...held.map((one) => one.path)]) assert.ok(text.includes(path), path);
  });
});
