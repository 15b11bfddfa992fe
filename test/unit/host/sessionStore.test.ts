import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { mintId, parseId, type SessionId } from '../../../src/shared/ids.ts';
import type { AirlockError } from '../../../src/core/problem.ts';
import type { LoggedEvent, SessionRecord } from '../../../src/core/session/events.ts';
import { RecordFile } from '../../../src/host/recordFile.ts';
import { fileSessionStore } from '../../../src/host/sessionStore.ts';
import { storageRoot } from '../../../src/host/storageRoot.ts';
import { aRecord, inScratch } from './scratch.ts';

const open = (storage: string) => fileSessionStore(storageRoot(storage), () => Promise.reject(new Error('none')));
const idOf = ({ id }: SessionRecord): SessionId => parseId('session', id) ?? assert.fail();
const refusedAs = (id: string) => (error: AirlockError) => error.problem.id === id;

describe('the store of sessions', () => {
  it('creates, reads, saves, lists and removes', () =>
    inScratch(async (storage) => {
      const store = await open(storage);
      const record = aRecord({ ledgerKey: 'k', sandbox: { provider: 'process', version: 1, data: { pid: 1 } } });
      const id = idOf(record);
      await store.create(record);
      assert.deepEqual(await store.read(id), record);
      await assert.rejects(store.create(record), refusedAs('bad-input'));
      await store.save({ ...record, title: 'New', epoch: 3 });
      await assert.rejects(store.save({ ...record, epoch: 2 }), refusedAs('owned-elsewhere'));
      assert.deepEqual(await store.list(), [{ kind: 'ok', record: { ...record, title: 'New', epoch: 3 } }]);
      assert.equal((await stat(store.folder(id))).mode & 0o777, 0o700);
      await store.remove(id);
      await store.remove(id);
      assert.deepEqual(await store.list(), []);
      await assert.rejects(store.save(record), refusedAs('not-found'));
    }));

  it('shows sessions of a newer Airlock and damaged ones, and never changes or deletes the newer', () =>
    inScratch(async (storage) => {
      const store = await open(storage);
      const [newer, damaged, bare] = [aRecord(), aRecord(), mintId('session')];
      for (const record of [newer, damaged]) await store.create(record);
      const newerFile = join(store.folder(idOf(newer)), 'record.json');
      await writeFile(newerFile, JSON.stringify({ schema: 99, anything: true }));
      await writeFile(join(store.folder(idOf(damaged)), 'record.json'), '{"schema":1,');
      await mkdir(store.folder(bare));
      await mkdir(join(storageRoot(storage).sessions, 'not-a-session'));
      const kinds = new Map((await store.list()).map((s) => [s.kind === 'ok' ? s.record.id : s.id, s.kind]));
      assert.equal(kinds.size, 3);
      assert.deepEqual([kinds.get(newer.id), kinds.get(damaged.id), kinds.get(bare)], ['newer', 'damaged', 'damaged']);
      await assert.rejects(store.remove(idOf(newer)), refusedAs('newer-schema'));
      await assert.rejects(store.save(newer), refusedAs('newer-schema'));
      const log = await store.openLog(idOf(newer));
      await assert.rejects(log.append({ t: 'ended' }), refusedAs('newer-schema'));
      assert.deepEqual(JSON.parse(await readFile(newerFile, 'utf8')), { schema: 99, anything: true });
    }));

  it('gives every user of a log the same one, in order', () =>
    inScratch(async (storage) => {
      const store = await open(storage);
      const record = aRecord();
      await store.create(record);
      const [one, two] = await Promise.all([store.openLog(idOf(record)), store.openLog(idOf(record))]);
      const heard: LoggedEvent[] = [];
      const stop = two.subscribe((event) => heard.push(event));
      await Promise.all([
        one.append({ t: 'session-created' }, { durable: true }),
        two.append({ t: 'create-intent', key: 'k' }),
        one.append({ t: 'ended' }),
      ]);
      assert.deepEqual(
        heard.map(({ seq, event }) => [seq, event.t]),
        [
          [0, 'session-created'],
          [1, 'create-intent'],
          [2, 'ended'],
        ],
      );
      stop();
      await one.close();
      await one.close();
      await two.append({ t: 'ended' });
      assert.deepEqual([heard.length, two.events.length], [3, 4]);
      await two.close();
      assert.equal((await store.openLog(idOf(record))).events.length, 4);
    }));

  it('passes over kinds of records that it does not know, keeps them and their numbers', () =>
    inScratch(async (storage) => {
      const store = await open(storage);
      const record = aRecord();
      await store.create(record);
      const path = storageRoot(storage).session(idOf(record)).log;
      const { file } = await RecordFile.open(path);
      await file.append({ seq: 0, at: 1, event: { t: 'ended' } }, true);
      await file.append({ seq: 7, at: 2, event: { t: 'from-the-future', x: 1 } }, true);
      await file.close();
      const log = await store.openLog(idOf(record));
      assert.deepEqual(
        log.events.map(({ seq }) => seq),
        [0],
      );
      assert.equal((await log.append({ t: 'ended' })).seq, 8);
      await log.close();
      assert.match(await readFile(path, 'utf8'), /from-the-future/);
    }));
});
