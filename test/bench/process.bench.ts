// The built-in sandbox beside doing the same on the bare host.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestPath } from '../../src/core/paths.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { buildManifest } from '../../src/core/sync/manifest.ts';
import { hydrate } from '../../src/core/sync/upload.ts';
import { openBlobStore } from '../../src/host/blobs/blobStore.ts';
import { localFolder } from '../../src/host/folder.ts';
import { thisMachine } from '../../src/host/spawn.ts';
import { processProvider } from '../../src/sandbox/process/index.ts';
import { mintId } from '../../src/shared/ids.ts';
import { bundlePrograms } from '../support/programs.ts';
import { activations } from './activation.ts';
import { changesMeasures } from './changes.ts';
import { longestBlock } from './eventLoop.ts';
import { manyFiles } from './manyFiles.ts';
import { median, report, timed, type Measure } from './report.ts';

const machine = thisMachine();
const { signal } = new AbortController();
const scratch = await mkdtemp(join(tmpdir(), 'airlock-bench-'));
const provider = processProvider({
  machine,
  storage: join(scratch, 'sandboxes'),
  programs: await bundlePrograms(join(scratch, 'programs')),
  log: () => undefined,
});
const settings = provider.settings.parse({});

async function newSandbox(): Promise<Sandbox> {
  const created = await provider.create(
    { settings, toolchains: [] },
    { session: mintId('session'), key: mintId('op') },
    () => undefined,
    signal,
  );
  if (created.kind !== 'ready') throw new Error(`No sandbox: ${created.problem.detail}`);
  return created.sandbox;
}

/** One command at a time, both sides by turns so that other load falls on both alike. */
async function execMeasure(sandbox: Sandbox): Promise<Measure> {
  const inside = async () => {
    const exec = sandbox.exec({
      op: mintId('op'),
      run: { argv: ['/bin/true'] },
      cwd: guestPath('/workspace'),
      onLinkLoss: 'kill',
    });
    for await (const _chunk of exec.output);
    await exec.outcome;
  };
  const onHost = async () => await machine.run({ program: '/bin/true', args: [] });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 300; round += 1) {
    ours.push(await timed(inside));
    theirs.push(await timed(onHost));
  }
  return { name: 'process.exec', ours: median(ours), theirs: median(theirs), unit: 'ms', limit: 1 / 1.2 };
}

/** A folder of 5,000 files: read, hashed, kept as ancestor, packed, unpacked inside and put in place. */
async function hydrateMeasures(sandbox: Sandbox): Promise<Measure[]> {
  const source = join(scratch, 'source');
  await mkdir(source);
  await manyFiles(source, 5000);
  const folder = localFolder({ uri: `file://${source}`, path: source, name: 'source' }, machine, () => true);
  const copies: number[] = [];
  const hydrates: number[] = [];
  const blocks: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    copies.push(
      await timed(
        async () => await machine.run({ program: '/bin/cp', args: ['-a', source, join(scratch, `copy${round}`)] }),
      ),
    );
    const blobs = await openBlobStore(join(scratch, `packs${round}`));
    const block = longestBlock();
    const root = guestPath(`/workspace/round${round}`);
    hydrates.push(
      await timed(async () => {
        const scan = await folder.scan({ withDependencies: true, maxFileBytes: 2 ** 26, signal });
        const { outcome } = await hydrate(buildManifest(scan, new Set()), { sandbox, root, folder, blobs, signal });
        if (outcome.kind !== 'committed') throw new Error(outcome.problem.detail);
      }),
    );
    blocks.push(block.stop());
    await blobs.close();
  }
  return [
    { name: 'process.hydrate.5000', ours: median(hydrates), theirs: median(copies), unit: 'ms' },
    { name: 'info.hydrate.5000.longest-block', ours: median(blocks), unit: 'ms' },
  ];
}

try {
  const starts: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    const sandbox = await newSandbox();
    starts.push(performance.now() - started);
    await sandbox.delete(signal);
  }
  const sandbox = await newSandbox();
  try {
    const exec = await execMeasure(sandbox);
    const start: Measure = { name: 'info.start', ours: median(starts), unit: 'ms' };
    const activation: Measure = { name: 'info.activation', ours: median(await activations(3)), unit: 'ms' };
    const hydrated = await hydrateMeasures(sandbox);
    report([exec, start, ...hydrated, ...(await changesMeasures(sandbox, scratch)), activation]);
  } finally {
    await sandbox.delete(signal);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
