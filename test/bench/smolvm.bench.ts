// A local virtual machine beside its program's own commands and OpenSSH's sftp, on an emulated processor: its speed is
// the floor of what moves, so the parts are shown.
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHostile } from '../../src/core/hostile.ts';
import { guestPath, relPath } from '../../src/core/paths.ts';
import type { Exec, PullRequest, Sandbox } from '../../src/core/sandbox.ts';
import { thisMachine } from '../../src/host/spawn.ts';
import { smolVmProvider } from '../../src/sandbox/smolvm/index.ts';
import { endpointOf, look, Program } from '../../src/sandbox/smolvm/program/index.ts';
import { mintId } from '../../src/shared/ids.ts';
import { prepareRig } from '../support/smolvm/rig.ts';
import { tarOf } from '../support/tarOf.ts';
import { median, report, timed, type Measure } from './report.ts';
import { openRivals, type Rivals } from './smolvmRivals.ts';

const files = 2000;
const fileBytes = 10_000;
const rounds = 3;
const execRounds = 20;

const prepared = await prepareRig();
if (!prepared.ok) {
  console.error(`No virtual machine can be had here: ${prepared.reason}`);
  process.exit(2);
}
const rig = prepared.rig.programs.smolvm;
const machine = thisMachine();
const { signal } = new AbortController();
const scratch = await mkdtemp(join(tmpdir(), 'airlock-bench-'));
const log = (line: string) => {
  if (process.env['AIRLOCK_TEST_LOG'] !== undefined) console.error(line);
};
const parts = { machine, path: () => rig.program, home: () => rig.home, log };
const provider = smolVmProvider({ ...parts, storage: join(scratch, 'vms') });
const program = new Program(parts);

/** Files that no compression makes smaller, by name. */
const content = Array.from({ length: files }, (_, at) => {
  const bytes = randomFillSync(Buffer.alloc(fileBytes));
  return [`part${at % 50}/file${at}.bin`, bytes] as const;
});

async function ended(exec: Exec): Promise<string> {
  let text = '';
  for await (const { bytes } of exec.output) text = (text + Buffer.from(bytes).toString('latin1')).slice(-1000);
  const outcome = await exec.outcome;
  if (outcome.kind !== 'exited' || outcome.code !== 0) throw new Error(`${JSON.stringify(outcome)}: ${text}`);
  return text;
}

function shell(sandbox: Sandbox, script: string, stdin?: AsyncIterable<Uint8Array>): Promise<string> {
  const op = mintId('op');
  const cwd = guestPath('/workspace');
  return ended(
    sandbox.exec({
      op,
      run: { argv: ['sh', '-c', script] },
      cwd,
      onLinkLoss: 'kill',
      ...(stdin === undefined ? {} : { stdin }),
    }),
  );
}

/** One command at a time, both sides by turns so that other load falls on both alike. */
async function execMeasure(sandbox: Sandbox, rivals: Rivals): Promise<Measure> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < execRounds; round += 1) {
    const request = { run: { argv: ['true'] }, cwd: guestPath('/workspace'), onLinkLoss: 'kill' } as const;
    ours.push(await timed(() => ended(sandbox.exec({ op: mintId('op'), ...request }))));
    theirs.push(await timed(() => rivals.exec(['true'])));
  }
  return { name: 'smolvm.exec', ours: median(ours), theirs: median(theirs), unit: 'ms', limit: 5 };
}

/** Bytes of one whole reply to a pull. */
async function pulled(sandbox: Sandbox, request: PullRequest): Promise<number> {
  const { bytes, outcome } = await sandbox.download(request, { signal });
  let length = 0;
  for await (const chunk of openHostile(bytes)) length += chunk.length;
  const how = await outcome;
  if (how.kind !== 'exited' || how.code !== 0) throw new Error(JSON.stringify(how));
  return length;
}

/** The same files in and out, both ways by turns; the guest writes to its disk between them, on nobody's time. */
async function filesMeasures(sandbox: Sandbox, rivals: Rivals): Promise<Measure[]> {
  const source = join(scratch, 'source');
  for (const [name, bytes] of content) {
    await mkdir(join(source, name, '..'), { recursive: true });
    await writeFile(join(source, name), bytes);
  }
  const times = { in: [[], []], out: [[], []] } as Record<'in' | 'out', [number[], number[]]>;
  const settle = () => shell(sandbox, 'sync; echo 3 >/proc/sys/vm/drop_caches');
  for (let round = 0; round < rounds; round += 1) {
    const root = guestPath(`/workspace/ours${round}`);
    const theirs = `/workspace/theirs${round}`;
    await shell(sandbox, `mkdir ${theirs}`);
    await settle();
    times.in[0].push(
      await timed(async () => {
        const upload = await sandbox.upload(tarOf(content), [], { root, mode: 'replace', signal });
        if (upload.kind !== 'committed') throw new Error(upload.problem.detail);
      }),
    );
    await settle();
    times.in[1].push(await timed(() => rivals.put(source, theirs)));
    await settle();
    times.out[0].push(
      await timed(async () => {
        // Nothing is known of what is inside: a listing, then all that it names.
        await pulled(sandbox, { root, exclude: [] });
        const length = await pulled(sandbox, { root, exclude: [], want: content.map(([name]) => relPath(name)) });
        if (length < files * fileBytes) throw new Error(`Only ${length} bytes came.`);
      }),
    );
    const back = join(scratch, `back${round}`);
    await mkdir(back);
    await settle();
    times.out[1].push(await timed(() => rivals.get(`${theirs}/source`, back)));
    await shell(sandbox, `rm -rf ${theirs} ${root}`);
  }
  return (['in', 'out'] as const).map((way) => {
    const [ours, theirs] = times[way];
    return { name: `smolvm.${way}`, ours: median(ours), theirs: median(theirs), unit: 'ms', limit: 1.5 };
  });
}

/** Where the time of the way in goes: the bytes alone, the unpacking alone, the disk alone. */
async function partsMeasures(sandbox: Sandbox): Promise<Measure[]> {
  const wire = await timed(() => shell(sandbox, 'cat >/dev/shm/parts.tar', tarOf(content)));
  await shell(sandbox, 'mkdir parts');
  const unpack = await timed(() => shell(sandbox, 'tar -xf /dev/shm/parts.tar -C parts'));
  const sync = await timed(() => shell(sandbox, 'sync'));
  const pack = await timed(() => shell(sandbox, 'tar -cf - parts | cat >/dev/null'));
  await shell(sandbox, 'rm -rf parts /dev/shm/parts.tar');
  const rows = { 'wire in': wire, 'unpack inside': unpack, 'sync inside': sync, 'pack inside': pack };
  return Object.entries(rows).map(([name, ours]) => ({
    name: `info.smolvm.${name.replaceAll(' ', '-')}`,
    ours,
    unit: 'ms',
  }));
}

/** The program takes one file at a time; what all of them would take is that many times as long. */
async function ownUploadMeasure(rivals: Rivals, ours: number): Promise<Measure> {
  const local = join(scratch, 'source', content[0]?.[0] ?? '');
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    times.push(await timed(() => rivals.uploadFile(local, `/root/one${round}`)));
  return { name: 'info.smolvm.in.own-upload-extrapolated', ours, theirs: median(times) * files, unit: 'ms' };
}

try {
  const intent = { session: mintId('session'), key: mintId('op') };
  const settings = provider.settings.parse({ os: 'alpine' });
  const started = performance.now();
  const created = await provider.create({ settings, toolchains: [] }, intent, () => undefined, signal);
  if (created.kind !== 'ready') throw new Error(`No sandbox: ${created.problem.detail}`);
  const start: Measure = { name: 'info.smolvm.start', ours: performance.now() - started, unit: 'ms' };
  const { sandbox } = created;
  try {
    const { vmId: name } = sandbox.state().data as { vmId: string };
    const endpoint = endpointOf((await look(program, name))?.info ?? { name, status: 'error' });
    if (endpoint === undefined) throw new Error('There is no way in by SSH.');
    const rivals = await openRivals(rig, name, { port: endpoint.port, key: await program.keyFile() });
    try {
      const exec = await execMeasure(sandbox, rivals);
      const moved = await filesMeasures(sandbox, rivals);
      const more = await partsMeasures(sandbox);
      report([exec, ...moved, start, ...more, await ownUploadMeasure(rivals, moved[0]?.ours ?? Number.NaN)]);
    } finally {
      await rivals.close();
    }
  } finally {
    await sandbox.delete(signal);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
