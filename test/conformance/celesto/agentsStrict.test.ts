import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarOf } from '../../support/tarOf.ts';
import { eventually } from '../../support/vscode/eventually.ts';
import { describeClient } from './judged.ts';

const exec = /\/exec(\/stream)?$/;
/** The largest file whose one piece of base64 fits a command of 10,000 characters, with what stands around it. */
const largest = 7404;

/**
 * The published limit of a command and the official integration do not fit together. These tests hold what happens
 * then: with the limit it can save a workspace and never restore one.
 */
describeClient('the double, judged by the agents extra of 0.0.14 under the published limit', 'agents', {}, (judged) => {
  const call = (operation: string, more: Record<string, unknown> = {}) =>
    judged().client.call(operation, { name: 'one', ...more });
  const raised = (operation: string, more: Record<string, unknown> = {}) =>
    judged().client.raised(operation, { name: 'one', ...more });
  const bytes = (count: number) => randomBytes(count).toString('base64');

  it('starts, runs commands, lists, moves and removes as without it', async () => {
    await call('create', { options: { delete_on_close: true } });
    await call('start');
    assert.deepEqual(await call('execute', { argv: ['echo hi'] }), { stdout: 'hi\n', stderr: '', code: 0 });
    await call('mkdir', { path: 'a' });
    await call('write', { path: 'a/b', content: bytes(10) });
    await call('mv', { source: 'a/b', target: 'a/c' });
    assert.deepEqual(await call('ls', { path: 'a' }), ['c']);
    await call('rm', { path: 'a' });
  });

  it('writes a file of 7,404 bytes, and not one of 7,405', async () => {
    const content = bytes(largest);
    await call('write', { path: 'fits', content });
    assert.equal(await call('read', { path: 'fits' }), content);
    const failed = await raised('write', { path: 'new/too-large', content: bytes(largest + 1) });
    assert.deepEqual([failed.type, failed.says], ['CelestoValidationError', 'Validation error: Validation error']);
    const refused = judged().double.requests.filter(
      ({ url, body }) => exec.test(url) && (body as { command: string }).command.length > 10_000,
    );
    assert.equal(refused.length, 1);
    // The folder was made, the file was not, and the temporary file is gone.
    const left = await call('execute', { argv: ['ls -A new; ls -A /tmp | grep b64'] });
    assert.deepEqual(left, { stdout: '', stderr: '', code: 1 });
    assert.deepEqual(await call('ls', { path: 'new' }), []);
  });

  it('persists a workspace, and cannot hydrate the smallest ordinary tar', async () => {
    const saved = Buffer.from((await call('persist')) as string, 'base64');
    assert.ok(saved.length >= 10_240);
    const failed = await raised('hydrate', { tar: saved.toString('base64') });
    assert.match(JSON.stringify(failed), /CelestoValidationError/);
    assert.deepEqual(await call('ls', { path: '.' }), ['fits', 'new']);
  });

  it('hydrates a tar that was cut to 1,536 bytes by hand', async () => {
    const parts: Uint8Array[] = [];
    for await (const part of tarOf([['tiny', 'tiny']])) parts.push(part);
    await call('hydrate', { tar: Buffer.concat(parts).subarray(0, 1536).toString('base64') });
    assert.equal(await call('read', { path: 'tiny' }), Buffer.from('tiny').toString('base64'));
  });

  it('saves a snapshot, and cannot resume from it', async () => {
    const snapshots = mkdtempSync(join(tmpdir(), 'celesto-snapshots-'));
    try {
      await call('create', { name: 'two', snapshots });
      await call('start', { name: 'two' });
      await call('write', { name: 'two', path: 'kept', content: bytes(10) });
      await call('close', { name: 'two' });
      const { double } = judged();
      await eventually(
        () => Promise.resolve(double.computers().some(({ status }) => status === 'stopped') || undefined),
        'the stop',
      );
      const state = await call('save', { name: 'two' });
      const failed = await raised('resume', { name: 'two', state });
      assert.match(JSON.stringify(failed), /Validation error/);
      await call('delete', { name: 'two' });
    } finally {
      rmSync(snapshots, { recursive: true, force: true });
    }
  });

  it('is refused a time-out of more than 300 seconds, which it does not bound itself', async () => {
    const failed = await raised('execute', { argv: ['true'], timeout: 301 });
    assert.match(JSON.stringify(failed), /CelestoValidationError/);
  });
});
