import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RigProgram } from '../support/smolvm/launcher.ts';

const run = promisify(execFile);

/** What one would use without Airlock: the program's own commands, and OpenSSH's `sftp` over one kept-open connection. */
export interface Rivals {
  /** One command by a process of the program that was given the key. */
  exec(argv: readonly string[]): Promise<void>;
  /** One file by a process of the program that was given the key. */
  uploadFile(local: string, inside: string): Promise<void>;
  /** Copies a folder into a folder that exists inside. */
  put(local: string, inside: string): Promise<void>;
  /** Copies a folder from inside into a folder that exists here. */
  get(inside: string, local: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens the connection. */
export async function openRivals(program: RigProgram, vm: string, at: { port: number; key: string }): Promise<Rivals> {
  // OpenSSH wants a short path for its control socket.
  const folder = await mkdtemp(join(tmpdir(), 'a-sftp-'));
  const shared = [
    ...['ControlPath', 'UserKnownHostsFile'].map((name) => `-o${name}=${folder}/${name}`),
    '-oStrictHostKeyChecking=accept-new',
    '-oIdentitiesOnly=yes',
    '-oBatchMode=yes',
    `-oIdentityFile=${at.key}`,
    `-oPort=${at.port}`,
  ];
  await run('ssh', ['-fN', '-oControlMaster=yes', ...shared, 'root@127.0.0.1']);
  const sftp = async (line: string) => {
    await writeFile(`${folder}/batch`, `${line}\n`);
    await run('sftp', ['-q', '-b', `${folder}/batch`, ...shared, 'root@127.0.0.1'], { maxBuffer: 64 * 1024 * 1024 });
  };
  return {
    exec: async (argv) => {
      await run(program.program, ['sandbox', 'exec', vm, '--json', '--', ...argv]);
    },
    uploadFile: async (local, inside) => {
      await run(program.program, ['sandbox', 'file', 'upload', vm, local, inside, '--ssh-key', at.key, '--json']);
    },
    put: (local, inside) => sftp(`put -r ${local} ${inside}`),
    get: (inside, local) => sftp(`get -r ${inside} ${local}`),
    close: async () => {
      await run('ssh', ['-O', 'exit', ...shared, 'root@127.0.0.1']).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
