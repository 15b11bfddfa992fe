import assert from 'node:assert/strict';
import type { z } from 'zod';
import { thisMachine } from '../../../../../src/host/spawn.ts';
import { dataOf, replyOf, type Found, type Reply } from '../../../../../src/sandbox/smolvm/program/call.ts';
import { endpointOf } from '../../../../../src/sandbox/smolvm/program/index.ts';
import * as shapes from '../../../../../src/sandbox/smolvm/program/shapes.ts';
import { captured, capturedRefusals, printed } from './captured.ts';

const found: Found = { name: 'smolvm', version: '0.0.36', program: '/smolvm' };

function read<T>(line: string, shape: z.ZodType<T>, log: string[] = []): Reply<T> {
  const ground = { machine: thisMachine(), log: (text: string) => void log.push(text) };
  const ran = { ...printed(line), signal: undefined, stderr: new Uint8Array() };
  return replyOf(ground, found, ['sandbox', 'x'], ran, shape);
}

describe('answers that the published programs have given', () => {
  it('tell of one virtual machine, running or stopped', () => {
    const { vm } = dataOf(read(captured.info, shapes.infoShape));
    assert.deepEqual(
      [vm.name, vm.status, vm.backend, vm.pid, vm.memory, vm.disk_size],
      ['a', 'running', 'qemu', 21513, 512, 1024],
    );
    assert.deepEqual(endpointOf(vm), { host: '127.0.0.1', port: 2200 });
    const stopped = dataOf(read(captured.infoStopped, shapes.infoShape)).vm;
    assert.deepEqual([stopped.status, stopped.pid, stopped.memory_used], ['stopped', null, null]);
  });

  it('tell the way into one: a port of loopback, an interface of Firecracker, or none', () => {
    const { vm } = dataOf(read(captured.info, shapes.infoShape));
    const without = { ...vm, ssh_port: null };
    assert.equal(endpointOf(without), undefined);
    assert.deepEqual(endpointOf({ ...without, backend: 'firecracker', ip_address: '172.16.0.2' }), {
      host: '172.16.0.2',
      port: 22,
    });
  });

  it('list, under both names of the program', () => {
    for (const line of [captured.list, captured.listOfCelesto]) {
      const { vms } = dataOf(read(line, shapes.listShape));
      assert.deepEqual(vms, [{ name: 'a', status: 'running', pid: 21513, ssh_port: 2200 }]);
    }
  });

  it('tell of a create, a change of state, a log and the doctor', () => {
    assert.deepEqual(dataOf(read(captured.create, shapes.createdShape)).vm, { name: 'a', status: 'running' });
    assert.equal(dataOf(read(captured.pause, shapes.statusShape)).vm.status, 'paused');
    assert.equal(dataOf(read(captured.stop, shapes.statusShape)).vm.status, 'stopped');
    assert.deepEqual(dataOf(read(captured.logs, shapes.logsShape)).lines, ['one', 'two']);
    assert.equal(dataOf(read(captured.doctor, shapes.doctorShape)).backend_resolved, 'qemu');
  });

  it('tell what a delete did and did not do, without an error', () => {
    assert.deepEqual(dataOf(read(captured.deleted, shapes.deletedShape)).deleted, ['a']);
    const unknown = read(captured.deletedUnknown, shapes.deletedShape);
    assert.equal(unknown.kind === 'data' && unknown.ok, false);
    assert.equal(unknown.kind === 'data' && unknown.data.failed[0]?.vm_id, 'x');
  });

  for (const [line, meaning] of capturedRefusals) {
    const words = /"message":"([^"]{1,50})/.exec(line)?.[1] ?? line;
    it(`mean "${meaning}" where they refuse with: ${words}`, () => {
      const log: string[] = [];
      const reply = read(line, shapes.infoShape, log);
      assert.equal(reply.kind === 'refused' && reply.refusal.meaning, meaning);
      assert.throws(() => dataOf(reply), { name: 'AirlockError' });
      assert.equal(log.length, meaning === 'no-such-vm' ? 0 : 1);
    });
  }

  it('of a state that is not known is one that nothing is done with', () => {
    const other = captured.info.replace('"running"', '"hibernating"');
    assert.equal(dataOf(read(other, shapes.infoShape)).vm.status, 'other');
  });

  for (const [what, line] of Object.entries({
    'a name that is none': captured.info.replace('"name":"a"', '"name":"../a"'),
    'a process that is none': captured.info.replace('21513', '-1'),
    'a port that is none': captured.info.replace('2200', '70000'),
    'an address that is none': captured.info.replace('10.0.2.15', 'evil.invalid'),
  })) {
    it(`are not believed with ${what}`, () => {
      const reply = read(line, shapes.infoShape);
      assert.equal(reply.kind === 'unclear' && reply.problem.id, 'protocol');
    });
  }
});
