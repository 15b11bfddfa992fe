import assert from 'node:assert/strict';
import { inGuest, relPath } from '../../src/core/paths.ts';
import type { Egress } from '../../src/core/network/egress.ts';
import { presets } from '../../src/core/network/presets.ts';
import type { Sandbox } from '../../src/core/sandbox.ts';
import { skipBecause } from '../support/commands/results.ts';
import { ensureProgram } from '../support/commands/system.mjs';
import { certificateFor } from '../support/network/certificate.ts';
import { npmRegistry } from '../support/network/npmRegistry.ts';
import { pypi } from '../support/network/pypi.ts';
import { ListGate } from '../support/network/gate.ts';
import type { Harness } from './harness.ts';
import { bytesOf, freshFolder, run, sh } from './running.ts';

const registry = 'registry.npmjs.org';
const index = 'pypi.org';
const files = 'files.pythonhosted.org';

/** The package managers themselves, against registries of two packages that stand behind the real ones' names. */
export function packagesChapter({ world }: Harness, sandbox: () => Sandbox): void {
  if (world === undefined) return;
  let egress: Egress | undefined;
  let gate: ListGate;
  const certificate = () => inGuest(sandbox().workspaceRoot, relPath('registries.pem'));
  const allow = (...ids: string[]) => {
    gate.allow(...presets.filter(({ id }) => ids.includes(id)).flatMap(({ hosts }) => hosts));
    egress?.recheck();
  };

  before(async () => {
    const signed = await certificateFor(registry, index, files);
    const origin = `https://${registry}`;
    const packages = [
      {
        name: 'airlock-one',
        version: '1.0.0',
        dependencies: { 'airlock-two': '^1.0.0' },
        files: { 'index.js': "module.exports = require('airlock-two') + 1;" },
      },
      { name: 'airlock-two', version: '1.2.0', files: { 'index.js': 'module.exports = 41;' } },
    ];
    await world.serve(await npmRegistry(origin, signed, packages), 443, registry);
    const python = pypi(`https://${files}`, signed, { name: 'airlock_three', version: '3.0', source: 'answer = 42\n' });
    await world.serve(python.index, 443, index);
    await world.serve(python.files, 443, files);
    await run(sandbox(), ['sh', '-c', 'cat >"$1"', 'sh', certificate()], { stdin: bytesOf(signed.cert) });
    gate = new ListGate('somewhere.example.com');
    egress = await sandbox().openEgress?.(gate);
  });

  after(async () => {
    await egress?.close();
    await world.close();
  });

  it('npm install', async function () {
    const there = await run(sandbox(), 'command -v npm');
    if (there.out === '') skipBecause(this, 'npm does not lie in the system’s folders');
    const folder = await freshFolder(sandbox());
    const install = `cd "$1" && npm_config_cafile="$2" npm_config_fetch_retries=0 npm install --no-audit --no-fund airlock-one 2>&1`;
    const refused = await run(sandbox(), ['sh', '-c', `${install}; true`, 'sh', folder, certificate()]);
    assert.match(refused.out, /403/);
    assert.deepEqual([...new Set(gate.of(registry))], ['refused: not-allowed']);
    allow('npm');
    await sh(sandbox(), install, folder, certificate());
    assert.equal(await sh(sandbox(), `cd "$1" && node -p 'require("airlock-one")'`, folder), '42\n');
  });

  it('pip install', async function () {
    await ensureProgram('pip3');
    const there = await run(sandbox(), 'command -v pip3');
    if (there.out === '') skipBecause(this, 'pip does not lie in the system’s folders');
    const folder = await freshFolder(sandbox());
    const install = `pip3 --cert "$2" install --retries 0 --no-input --disable-pip-version-check --target "$1" airlock_three 2>&1`;
    const refused = await run(sandbox(), ['sh', '-c', `${install}; true`, 'sh', folder, certificate()]);
    assert.doesNotMatch(refused.out, /Successfully installed/);
    allow('pypi');
    await sh(sandbox(), install, folder, certificate());
    assert.equal(
      await sh(sandbox(), `cd "$1" && python3 -c 'import airlock_three; print(airlock_three.answer)'`, folder),
      '42\n',
    );
  });
}
