import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { Marks } from '../../../../../src/sandbox/process/inside/marks.ts';
import { carriedPty } from '../../../../../src/sandbox/process/inside/ptyCarried.ts';

/** Puts a slow `stty` before the real one: what is set takes as long as on a machine with much to do. */
function slowStty(folder: string): string {
  const path = `${folder}:${process.env['PATH'] ?? ''}`;
  const real = (process.env['PATH'] ?? '').split(':').map((part) => `"${part}/stty"`);
  const program = `#!/bin/sh\nsleep 0.3\nfor each in ${real.join(' ')}; do test -x "$each" && exec "$each" "$@"; done\n`;
  writeFileSync(join(folder, 'stty'), program, { mode: 0o755 });
  return path;
}

describe('a terminal that a program of the system carries', () => {
  let scratch: string;
  before(() => (scratch = mkdtempSync(join(tmpdir(), 'airlock-pty-'))));
  after(() => rmSync(scratch, { recursive: true, force: true }));

  async function run(shell: string, use: (pty: Awaited<ReturnType<typeof carriedPty>>['pty']) => void) {
    const env = { PATH: slowStty(scratch), TERM: 'xterm' };
    const request = { op: 'one', cwd: scratch, env, cols: 80, rows: 24 };
    const { pty } = await carriedPty(['sh', '-c', shell], request, { marks: new Marks(), scratch });
    let text = '';
    pty.onData((bytes) => (text += Buffer.from(bytes).toString('latin1')));
    const ended = new Promise<number>((resolve) => pty.onExit(resolve));
    use(pty);
    assert.equal(await ended, 0, text);
    return text;
  }

  it('has a new size before its program reads what was typed after that', async () => {
    const text = await run('read x; stty size; read y; stty size', (pty) => {
      pty.resize(77, 22);
      assert.equal(pty.write(Buffer.from('one\r')), false, 'no more should come meanwhile');
      pty.resize(66, 33);
      pty.write(Buffer.from('two\r'));
    });
    assert.match(text, /33 66/);
  });

  it('keeps a size that comes while it is still being opened, and says when more can come', async () => {
    let told = 0;
    const text = await run('read x; stty size', (pty) => {
      pty.resize(77, 22);
      pty.onceWritable(() => {
        told += 1;
        pty.write(Buffer.from('one\r'));
      });
    });
    assert.match(text, /22 77/);
    assert.equal(told, 1);
  });
});
