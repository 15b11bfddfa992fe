import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AirlockError } from '../../../../src/core/problem.ts';
import type { PullStream } from '../../../../src/core/sandbox.ts';
import { DiskGuest } from './support/diskGuest.ts';

describe('a pull that does not come to its end', () => {
  let guest: DiskGuest;
  beforeEach(() => {
    guest = new DiskGuest();
  });
  afterEach(() => guest.remove());

  it('changes nothing where the reply is not whole', async () => {
    guest.write('a', '1');
    const { sandbox } = guest;
    const failing = {
      ...sandbox,
      incarnation: 'boot-1',
      download: async (...[request, options]: Parameters<typeof sandbox.download>) => {
        const stream = await sandbox.download(request, options);
        return { ...stream, outcome: Promise.resolve({ kind: 'exited', code: 70 } as const) };
      },
    };
    const rejected = (error: unknown) => error instanceof AirlockError && error.problem.id === 'pull-failed';
    await assert.rejects(guest.pull({ sandbox: failing }), rejected);
    rmSync(guest.root, { recursive: true });
    await assert.rejects(guest.pull(), rejected);
    mkdirSync(guest.root);
  });

  it('refuses a reply in which the sandbox was restarted', async () => {
    guest.write('a', '1');
    guest.beforeWant = () => {
      guest.incarnation = 'boot-2';
    };
    await assert.rejects(guest.pull(), /restarted/);
  });

  it('says that it was cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    const cancelled = (error: unknown) => error instanceof AirlockError && error.problem.id === 'aborted';
    await assert.rejects(guest.pull({ signal: stop.signal }), cancelled);
  });

  it('gives up where a program inside stops the one that sends', async () => {
    guest.write('a', '1');
    guest.programs = join(guest.folder, 'programs');
    mkdirSync(guest.programs);
    for (const name of ['tar', 'busybox']) {
      const script = '#!/bin/sh\n[ "$1" = --version ] || kill -STOP $PPID $$\n';
      writeFileSync(join(guest.programs, name), script, { mode: 0o755 });
    }
    await assert.rejects(guest.pull({ limits: { silenceMs: 500 } }), /sent nothing/);
  });

  it('leaves no command blocked inside where its answer is of no use', async () => {
    guest.write('a', '1');
    await guest.pull();
    guest.write('b', 'x'.repeat(4 * 1024 * 1024));
    const { sandbox } = guest;
    const outcomes: PullStream['outcome'][] = [];
    const watched = {
      ...sandbox,
      incarnation: 'boot-1',
      download: async (...[request, options]: Parameters<typeof sandbox.download>) => {
        const stream = await sandbox.download(request, options);
        outcomes.push(stream.outcome);
        return stream;
      },
    };
    const ignored = () => Promise.reject(new Error('no rules'));
    await assert.rejects(guest.pull({ sandbox: watched, ignored }), /no rules/);
    assert.equal((await outcomes[0])?.kind, 'stopped');
  });
});
