import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import type { ToolchainOffer } from '../../src/core/sandbox.ts';
import type { JailYard } from '../support/process/jail.ts';

/** Tool chains that a person agreed to, with live sockets of this machine, pipes and private files among them. */
export function describeChains(yardNow: () => JailYard): void {
  const servers: Server[] = [];
  const reached: string[] = [];
  let root: string;

  const chainAt = (name: string): ToolchainOffer => ({
    name,
    folder: join(root, name),
    bin: join(root, name, 'bin'),
  });

  async function listenAt(path: string): Promise<void> {
    const server = createServer((socket) => {
      reached.push(path);
      socket.destroy();
    });
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o777);
  }

  before(async () => {
    root = mkdtempSync('/tmp/airlock-chains-');
    chmodSync(root, 0o755);
    for (const name of ['tool', 'odd']) {
      for (const part of ['bin', 'lib/daemon/deep', 'var', 'etc'])
        mkdirSync(join(root, name, part), { recursive: true });
      writeFileSync(join(root, name, 'bin/hello'), '#!/bin/sh\necho hello from $0\n', { mode: 0o755 });
      writeFileSync(join(root, name, 'etc/npmrc'), 'must-not-be-read\n', { mode: 0o644 });
      writeFileSync(join(root, name, 'lib/ok'), 'readable\n', { mode: 0o644 });
    }
    await listenAt(join(root, 'tool/lib/daemon/s'));
    await listenAt(join(root, 'tool/var/s'));
    await listenAt(join(root, 'odd/bin/s'));
    execFileSync('mkfifo', ['-m', '666', join(root, 'tool/lib/daemon/deep/pipe')]);
    symlinkSync('/etc', join(root, 'led'));
  });

  after(() => {
    for (const server of servers) server.close();
    rmSync(root, { recursive: true });
  });

  it('shows an agreed tool chain without the sockets, pipes and settings of this machine in it', async () => {
    const jail = yardNow().open();
    await jail.create({}, [chainAt('tool'), chainAt('odd'), chainAt('led')]);
    const { text } = await jail.run(
      [
        `hello; cat '${root}/tool/lib/ok'`,
        `for s in tool/lib/daemon/s tool/var/s odd/bin/s; do node -e 'const s = require("net").connect(process.argv[1]); s.on("connect", () => { console.log("LEAK"); s.destroy() }); s.on("error", (e) => console.log(e.code))' '${root}/'$s; done`,
        `ls -A '${root}/tool/var' '${root}/tool/etc' '${root}/tool/lib/daemon'; [ -e '${root}/odd' ] && echo LEAK; [ -e '${root}/led' ] && echo LEAK`,
        `find '${root}' \\( -type s -o -type p \\) -print`,
        `for f in tool/lib/x tool/var/x tool/lib/daemon/x; do (echo x > '${root}/'$f) && echo LEAK; done; echo end`,
      ].join('\n'),
    );
    await jail.close();
    assert.match(text, new RegExp(`^hello from ${root}/tool/bin/hello\nreadable\n(?:ENOENT\n){3}[^]*end$`, 'm'));
    assert.doesNotMatch(text, /LEAK|npmrc|pipe|must-not/);
    assert.deepEqual(reached, []);
  });
}
