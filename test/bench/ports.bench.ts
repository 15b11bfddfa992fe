// A server inside, asked through the forward, beside the same server on the bare host, asked directly.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { thisMachine } from '../../src/host/spawn.ts';
import { openWebForward } from '../../src/sandbox/forward/index.ts';
import { processProvider } from '../../src/sandbox/process/index.ts';
import { mintId } from '../../src/shared/ids.ts';
import { eventually } from '../support/vscode/eventually.ts';
import { request, Watched } from '../conformance/running.ts';
import { bundlePrograms } from '../support/programs.ts';
import { cookieFor } from '../support/ports/browser.ts';
import { asked } from '../support/ports/load.ts';
import { median, report } from './report.ts';

/** Reads a file for each request and tells its hash, as development servers do. */
const server = `
const { createHash } = require('node:crypto');
const { readFile, writeFileSync } = require('node:fs');
const lines = Array.from({ length: 200 }, (_, at) => 'export const value' + at + ' = ' + at + ';');
writeFileSync('served.js', lines.join('\\n'));
const server = require('node:http').createServer((asked, answer) => {
  readFile('served.js', (_, bytes) => {
    const etag = JSON.stringify(createHash('sha1').update(bytes).digest('base64url'));
    answer.writeHead(200, { 'content-type': 'text/javascript', 'content-length': bytes.length, etag });
    answer.end(bytes);
  });
});
server.listen(0, '127.0.0.1', () => console.log('up ' + server.address().port));`;

const { signal } = new AbortController();
const rounds = 7;
const portOf = (text: string) => Number(/up (\d+)/.exec(text)?.[1]);

async function newSandbox(scratch: string): Promise<Sandbox> {
  const provider = processProvider({
    machine: thisMachine(),
    storage: join(scratch, 'sandboxes'),
    programs: await bundlePrograms(join(scratch, 'programs')),
    log: () => undefined,
  });
  const options = { settings: provider.settings.parse({}), toolchains: [] };
  const intent = { session: mintId('session'), key: mintId('op') };
  const created = await provider.create(options, intent, () => undefined, signal);
  if (created.kind !== 'ready') throw new Error(`No sandbox: ${created.problem.detail}`);
  return created.sandbox;
}

const scratch = await mkdtemp(join(tmpdir(), 'airlock-bench-'));
const onHost = spawn(process.execPath, ['-e', server], { cwd: scratch, stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const [line] = (await once(onHost.stdout, 'data')) as [Buffer];
  const direct = { port: portOf(line.toString()), headers: {}, path: '/' };
  const sandbox = await newSandbox(scratch);
  try {
    const inside = new Watched(sandbox.exec(request(sandbox, ['node', '-e', server])));
    await eventually(() => Promise.resolve(inside.text.includes('\n') || undefined), 'the server inside');
    const forward = await openWebForward(sandbox, {
      port: portOf(inside.text),
      name: 's-bench.localhost',
      token: 'key',
    });
    const headers = { host: forward.authority, cookie: await cookieFor(forward) };
    const forwarded = { port: forward.localPort, headers, path: '/' };
    const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    const delays: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const [side, target] of [
        ['ours', forwarded],
        ['theirs', direct],
      ] as const) {
        rates[side].push((await asked({ ...target, connections: 16, requests: 8000 })).perSecond);
        delays[side].push((await asked({ ...target, connections: 1, requests: 1000 })).medianMs);
      }
    }
    await forward.close();
    report([
      {
        name: 'ports.requests',
        ours: median(rates.ours),
        theirs: median(rates.theirs),
        unit: 'requests/s',
        moreIsBetter: true,
        limit: 0.5,
      },
      { name: 'info.latency', ours: median(delays.ours), theirs: median(delays.theirs), unit: 'ms' },
    ]);
  } finally {
    await sandbox.delete(signal);
  }
} finally {
  onHost.kill();
  await rm(scratch, { recursive: true, force: true });
}
