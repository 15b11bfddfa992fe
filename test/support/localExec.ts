import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { problem } from '../../src/core/problem.ts';
import type { Exec, ExecRequest, Outcome } from '../../src/core/sandbox.ts';

/** Where the tools come from: this machine's own (GNU on Debian), or busybox alone. */
export type Tools = { readonly path: string; readonly home: string };

/** A PATH with nothing but busybox in it, or undefined where busybox is not installed. */
export function busyboxPath(folder: string): string | undefined {
  const program = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync);
  if (program === undefined) return undefined;
  const bin = join(folder, 'busybox-bin');
  mkdirSync(bin);
  const applets = execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) symlinkSync(program, join(bin, applet));
  return bin;
}

/**
 * Runs exec requests as plain children of this process: for tests of the bulk programs alone, in folders of their own.
 * No sandbox, no operation log.
 */
export function localExec(tools: Tools): (request: ExecRequest, uid?: number) => Exec {
  return (request, uid) => {
    const argv = 'argv' in request.run ? request.run.argv : ['sh', '-c', request.run.shell];
    const [program = 'false', ...args] = argv;
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: { PATH: tools.path, HOME: tools.home },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const group = (signal: NodeJS.Signals) => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It has ended a moment ago, which was wanted.
      }
    };
    let stopped = false;
    const stop = () => {
      stopped = true;
      group('SIGKILL');
    };
    if (request.signal?.aborted === true) stop();
    request.signal?.addEventListener('abort', stop);
    const outcome = new Promise<Outcome>((resolve) => {
      child.once('error', (error) => resolve({ kind: 'not-started', problem: problem('not-started', error.message) }));
      child.once('close', (code, signal) => {
        request.signal?.removeEventListener('abort', stop);
        if (stopped) resolve({ kind: 'stopped', by: 'abort', killed: 'group' });
        else if (code === null) resolve({ kind: 'signaled', signal: String(signal) });
        else resolve({ kind: 'exited', code });
      });
    });
    void feed(child.stdin, request.stdin);
    return {
      op: request.op,
      output: readBoth(child.stdout, child.stderr),
      interrupt: (signal) => {
        group(`SIG${signal}`);
        return Promise.resolve();
      },
      outcome,
    };
  };
}

async function feed(stdin: NodeJS.WritableStream, source: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  stdin.on('error', () => undefined);
  const gone = new Promise((resolve) => stdin.once('close', resolve));
  for await (const bytes of source ?? []) {
    if (!stdin.writable) break;
    if (!stdin.write(bytes)) await Promise.race([once(stdin, 'drain'), gone]);
  }
  stdin.end();
}

async function* readBoth(
  stdout: NodeJS.ReadableStream,
  stderr: NodeJS.ReadableStream,
): AsyncGenerator<{ fd: 1 | 2; bytes: Uint8Array }> {
  const errors: Uint8Array[] = [];
  stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  const closed = new Promise((resolve) => stderr.once('close', resolve));
  for await (const bytes of stdout) yield { fd: 1, bytes: bytes as Buffer };
  await closed;
  for (const bytes of errors) yield { fd: 2, bytes };
}
