import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type CelestoDouble, startCelestoDouble } from '../../../support/celesto/double.ts';

const bundle = fileURLToPath(new URL('../../../../dist/later.cjs', import.meta.url));

/** Asks the bundled provider, at first directly and then by a proxy that is not there. */
const program = `
const { celestoProvider } = require(process.env.BUNDLE);
const direct = { proxy: '', noProxy: [], authorization: '', strict: true, systemCertificates: true };
let [network, baseUrl] = [direct, process.env.URL];
const provider = celestoProvider({
  baseUrl: () => baseUrl,
  network: () => network,
  keys: { read: () => Promise.resolve({ value: process.env.KEY }) },
  storage: '/nowhere',
  log: () => undefined,
});
const ask = async () => {
  const probe = await provider.probe(AbortSignal.timeout(60_000));
  return probe.ready ? 'ready' : probe.problem.detail;
};
(async () => {
  const said = [await ask()];
  network = { ...direct, proxy: 'http://127.0.0.1:9' };
  baseUrl = 'https://api.example';
  said.push(await ask());
  const global = [1, 2].some((version) => Symbol.for('undici.globalDispatcher.' + version) in globalThis);
  console.log(JSON.stringify({ said, global }));
})();
`;

describe('the bundled driver of hosted computers', function () {
  this.timeout(240_000);
  let double: CelestoDouble;
  before(async () => {
    double = await startCelestoDouble();
  });
  after(() => double.close());

  it('reaches the service, and leaves the network of the process that it runs in alone', async () => {
    const env = { PATH: process.env['PATH'] ?? '', BUNDLE: bundle, URL: double.url, KEY: double.apiKey };
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program], { env });
    assert.deepEqual(JSON.parse(stdout), {
      said: ['ready', 'Celesto cannot be reached (ECONNREFUSED).'],
      global: false,
    });
  });
});
