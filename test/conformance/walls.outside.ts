import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import type { Jail } from '../support/process/jail.ts';
import { attacks, openShared, type Target } from './walls.attacks.ts';

/** Tries every attack from inside, aimed at things of this machine that are really there. */
export function describeAttacks(jailNow: () => Jail): void {
  const servers: Server[] = [];
  let folder: string;
  let target: Target;
  const machineName = hostname();

  before(async () => {
    folder = mkdtempSync('/tmp/airlock-canary-');
    chmodSync(folder, 0o755);
    const file = join(folder, 'canary');
    writeFileSync(file, 'must-not-be-read\n', { mode: 0o644 });
    const abstractSocket = `airlock-walls-${process.pid}`;
    const tcp = await listening({ host: '127.0.0.1', port: 0 });
    servers.push(tcp, await listening(`\0${abstractSocket}`));
    target = {
      arch: process.arch === 'arm64' ? 'arm64' : 'x64',
      pid: process.pid,
      file,
      folder: jailNow().state.data.folder,
      port: (tcp.address() as AddressInfo).port,
      abstractSocket,
      sharedKey: shareMemory(),
    };
  });

  after(() => {
    perl(`shmctl(shmget(${target.sharedKey}, 0, 0), 0, 0); msgctl(msgget(${target.sharedKey}, 0), 0, 0)`);
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  for (const attack of attacks) {
    it(attack.name, async () => {
      const { text, outcome } = await jailNow().run(`{ ${attack.shell(target)}\n} 2>&1`);
      assert.match(text, attack.wall, JSON.stringify(outcome));
      if (attack.leak !== undefined) assert.doesNotMatch(text, attack.leak);
    });
  }

  it('left the machine as it was', () => {
    assert.equal(readFileSync(target.file, 'utf8'), 'must-not-be-read\n');
    assert.equal(process.kill(target.pid, 0), true);
    assert.equal(hostname(), machineName);
    assert.equal(perl(openShared(target.sharedKey)), 'memory=done messages=done\n');
  });
}

/** Makes a memory segment and a message queue that anybody on the machine may open. Answers their key. */
function shareMemory(): number {
  const key = 0x4169_0000 + (process.pid & 0xffff);
  perl(`defined(shmget(${key}, 4096, 01666)) && defined(msgget(${key}, 01666)) || die $!`);
  return key;
}

function perl(program: string): string {
  return execFileSync('perl', ['-e', program], { encoding: 'utf8' });
}

function listening(where: string | { host: string; port: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(where, () => resolve(server));
  });
}
