// Takes or watches the lease of one session and says so in lines: `owner <epoch>` or `onlooker`.
import { createInterface } from 'node:readline';
import { parseId } from '../../../../src/shared/ids.ts';
import { ownerLeases } from '../../../../src/host/ownerLease.ts';
import { storageRoot } from '../../../../src/host/storageRoot.ts';

const [storage = '', idText = '', wait = ''] = process.argv.slice(2);
const id = parseId('session', idText);
if (id === undefined) throw new Error('Not a session id.');
const say = (line: string) => void process.stdout.write(`${line}\n`);

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
if (wait === 'wait') {
  say('ready');
  await input.next();
}
const taken = await ownerLeases(storageRoot(storage)).acquire(id);
if (taken.kind === 'owner') {
  const { lease } = taken;
  lease.onRequest((line, reply) => {
    reply(`answer to ${line}`);
    lease.broadcast(`everyone: ${line}`);
  });
  say(`owner ${lease.epoch}`);
  for (let next = await input.next(); next.done !== true; next = await input.next()) {
    if (next.value === 'release') {
      await lease.release();
      say('released');
    } else lease.broadcast(next.value);
  }
} else {
  taken.onlooker.onLine((line) => say(`heard ${line}`));
  void taken.onlooker.ownerGone.then(() => say('owner gone'));
  say('onlooker');
  for (let next = await input.next(); next.done !== true; next = await input.next()) taken.onlooker.request(next.value);
}
