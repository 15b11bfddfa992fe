import assert from 'node:assert/strict';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { mintId, parseId, type SessionId } from '../../../src/shared/ids.ts';
import { AirlockError } from '../../../src/core/problem.ts';
import { ownerLeases } from '../../../src/host/ownerLease.ts';
import { maxLineBytes } from '../../../src/host/lineSocket.ts';
import { closeServer, listenAs, socketFolder, socketPath } from '../../../src/host/ownerSocket.ts';
import { fileSessionStore } from '../../../src/host/sessionStore.ts';
import { storageRoot } from '../../../src/host/storageRoot.ts';
import { startProgram, type Program } from './child.ts';
import { aRecord, inScratch } from './scratch.ts';

const noPacks = () => Promise.reject(new Error('No packs here.'));

/** A storage with one session; what `act` starts is ended afterwards. */
function withSession(act: (storage: string, id: SessionId, start: () => Program) => Promise<void>): Promise<void> {
  return inScratch(async (storage) => {
    const record = aRecord();
    const id = parseId('session', record.id);
    assert.ok(id !== undefined);
    await (await fileSessionStore(storageRoot(storage), noPacks)).create(record);
    const programs: Program[] = [];
    const start = () => {
      const program = startProgram('owner.ts', storage, id);
      programs.push(program);
      return program;
    };
    try {
      await act(storage, id, start);
    } finally {
      for (const { child } of programs) child.kill('SIGKILL');
      await Promise.all(programs.map(({ ended }) => ended));
    }
  });
}

describe('the owner lease', function () {
  this.timeout(240_000);

  it('belongs to one process; others look on, hear and ask', () =>
    withSession(async (_storage, _id, start) => {
      const owner = start();
      assert.equal(await owner.line(), 'owner 1');
      const onlooker = start();
      assert.equal(await onlooker.line(), 'onlooker');
      owner.say('hello');
      assert.equal(await onlooker.line(), 'heard hello');
      onlooker.say('apply?');
      assert.equal(await onlooker.line(), 'heard answer to apply?');
      assert.equal(await onlooker.line(), 'heard everyone: apply?');
    }));

  it('dies with its process, and the next owner has a higher epoch that refuses stale records', () =>
    withSession(async (storage, id, start) => {
      const owner = start();
      assert.equal(await owner.line(), 'owner 1');
      const onlooker = start();
      assert.equal(await onlooker.line(), 'onlooker');
      const store = await fileSessionStore(storageRoot(storage), noPacks);
      const stale = await store.read(id);
      assert.ok(stale !== undefined);
      owner.child.kill('SIGKILL');
      assert.equal(await onlooker.line(), 'owner gone');
      assert.equal(await start().line(), 'owner 2');
      assert.equal((await store.read(id))?.epoch, 2);
      await assert.rejects(store.save(stale), (error: AirlockError) => error.problem.id === 'owned-elsewhere');
    }));

  it('can be released and taken again', () =>
    withSession(async (storage, id, start) => {
      const owner = start();
      assert.equal(await owner.line(), 'owner 1');
      owner.say('release');
      assert.equal(await owner.line(), 'released');
      const taken = await ownerLeases(storageRoot(storage)).acquire(id);
      assert.ok(taken.kind === 'owner');
      assert.equal(taken.lease.epoch, 2);
      await taken.lease.release();
      assert.deepEqual(await readdir(storageRoot(storage).owners), []);
    }));

  it('goes to exactly one of many that take over a dead owner at once', () =>
    withSession(async (storage, id, start) => {
      for (let round = 1; round <= 8; round++) {
        const owner = start();
        assert.match(await owner.line(), /^owner /);
        const rivals = Array.from({ length: 4 }, () => startProgram('owner.ts', storage, id, 'wait'));
        try {
          for (const rival of rivals) assert.equal(await rival.line(), 'ready');
          owner.child.kill('SIGKILL');
          await owner.ended;
          for (const rival of rivals) rival.say('go');
          const answers = await Promise.all(rivals.map((rival) => rival.line()));
          assert.equal(answers.filter((answer) => answer.startsWith('owner ')).length, 1, answers.join(', '));
        } finally {
          for (const { child } of rivals) child.kill('SIGKILL');
          await Promise.all(rivals.map(({ ended }) => ended));
        }
      }
    }));

  it('goes to exactly one of many tries inside one process', () =>
    withSession(async (storage, id) => {
      const taken = await Promise.all(Array.from({ length: 12 }, () => ownerLeases(storageRoot(storage)).acquire(id)));
      assert.equal(taken.filter(({ kind }) => kind === 'owner').length, 1);
      for (const one of taken) {
        if (one.kind === 'owner') await one.lease.release();
        else one.onlooker.close();
      }
    }));

  it('keeps what onlookers ask before its owner listens, a bounded part of it', () =>
    withSession(async (storage, id) => {
      const owner = await ownerLeases(storageRoot(storage)).acquire(id);
      assert.ok(owner.kind === 'owner');
      const other = await ownerLeases(storageRoot(storage)).acquire(id);
      assert.ok(other.kind === 'onlooker');
      const heard: string[] = [];
      const all = new Promise<void>((resolve) => {
        other.onlooker.onLine((line) => {
          heard.push(line);
          if (line === 'answer to late') resolve();
        });
      });
      other.onlooker.request('early');
      const gone = connect(socketPath(storageRoot(storage).owners, id.slice(-16), owner.lease.epoch));
      gone.on('error', () => undefined);
      const isGone = new Promise((resolve) => gone.once('close', resolve));
      gone.write('x\n'.repeat(1000));
      await isGone;
      owner.lease.onRequest((line, reply) => reply(`answer to ${line}`));
      other.onlooker.request('late');
      await all;
      assert.deepEqual(heard, ['answer to early', 'answer to late']);
      other.onlooker.close();
      await owner.lease.release();
    }));

  it('stays with its owner where one that gave up its try has left a later name', () =>
    withSession(async (storage, id) => {
      const owner = await ownerLeases(storageRoot(storage)).acquire(id);
      assert.ok(owner.kind === 'owner');
      const { owners } = storageRoot(storage);
      const left = await listenAs(socketPath(owners, id.slice(-16), owner.lease.epoch + 1), owners);
      assert.ok(left);
      await closeServer(left);
      assert.equal((await readdir(owners)).length, 2);
      const other = await ownerLeases(storageRoot(storage)).acquire(id);
      assert.equal(other.kind, 'onlooker');
      other.onlooker.close();
      await owner.lease.release();
      const next = await ownerLeases(storageRoot(storage)).acquire(id);
      assert.ok(next.kind === 'owner' && next.lease.epoch > owner.lease.epoch + 1);
      await next.lease.release();
      assert.deepEqual(await readdir(owners), []);
    }));

  it('drops an onlooker that sends an endless line and stays the owner', () =>
    withSession(async (storage, id, start) => {
      const owner = start();
      assert.equal(await owner.line(), 'owner 1');
      const { owners } = storageRoot(storage);
      const [name = ''] = await readdir(owners);
      const socket = connect(join(owners, name));
      socket.on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(Buffer.alloc(maxLineBytes + 2, 0x61));
      await closed;
      const second = await ownerLeases(storageRoot(storage)).acquire(id);
      assert.ok(second.kind === 'onlooker');
      second.onlooker.close();
    }));

  it('lies in a private folder of ours where the storage path is too long for a socket', () =>
    inScratch(async (scratch) => {
      const long = join(scratch, 'x'.repeat(100), 'own');
      const folder = await socketFolder(long);
      assert.match(folder, /^\/tmp\/airlock-\d+-[0-9a-f]{16}$/);
      assert.equal(await socketFolder(long), folder);
      await chmod(folder, 0o755);
      await assert.rejects(socketFolder(long), AirlockError);
      await chmod(folder, 0o700);
      const root = storageRoot(join(scratch, 'x'.repeat(100)));
      await mkdir(root.sessions, { recursive: true });
      const taken = await ownerLeases(root).acquire(mintId('session'));
      assert.ok(taken.kind === 'owner');
      await taken.lease.release();
    }));
});
