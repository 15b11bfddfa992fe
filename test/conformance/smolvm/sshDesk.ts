import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisMachine } from '../../../src/host/spawn.ts';
import { Guest } from '../../../src/sandbox/smolvm/guest/guest.ts';
import { HostKeys } from '../../../src/sandbox/smolvm/guest/hostKeys.ts';
import { Program } from '../../../src/sandbox/smolvm/program/index.ts';
import { Records } from '../../../src/sandbox/smolvm/records.ts';
import { SmolVmSandbox } from '../../../src/sandbox/smolvm/sandbox.ts';
import { type SshFittings, SshGuest } from '../../support/ssh/guest.ts';
import { never } from '../harness.ts';

/** A place that is entered by SSH, and the driver of microVMs at it. */
export class SshDesk {
  readonly vm: SshGuest;
  readonly lines: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'airlock-line-'));

  constructor(fittings: SshFittings = {}) {
    this.vm = new SshGuest(fittings);
  }

  get hostKeys(): HostKeys {
    return new HostKeys(join(this.folder, 'keys'));
  }

  /** One more window on it. */
  async open(deleteOnClose = true): Promise<SmolVmSandbox> {
    const { vm, hostKeys } = this;
    const log = (line: string) => void this.lines.push(line);
    const program = new Program({ machine: thisMachine(), log });
    const ground = { program, records: new Records(this.folder), hostKeys, log };
    const guest = await Guest.open(vm, { hostKeys, endpoint: vm.endpoint, log }, never);
    const state = { program: 'smolvm' as const, vmId: vm.name, deleteOnClose };
    return new SmolVmSandbox({ ground, vm, state, guest, backend: 'qemu' });
  }

  async close(): Promise<void> {
    await this.vm.delete();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
