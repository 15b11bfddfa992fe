import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Sandbox } from '../../src/core/sandbox.ts';
import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { present } from '../support/present.ts';
import { languages } from './celestoCarriers.ts';
import { CelestoDesk } from './celestoDesk.ts';
import { finish, request } from './running.ts';

/** Computers whose program inside carries no connections, by what is there. */
const kinds: readonly (readonly [name: string, options: CelestoDoubleOptions])[] = [
  ['by stream', { lacks: languages }],
  ['by requests', { lacks: languages, stream: false }],
  ['with busybox alone', { lacks: languages, stream: false, tools: 'busybox' }],
  ['over a gateway of text in tiny frames', { lacks: languages, terminalFrames: 'text', terminalFrameBytes: 7 }],
];

describe('input of a command of a hosted computer over a terminal of its own', function () {
  let desk: CelestoDesk | undefined;
  let sandbox: Sandbox | undefined;
  const open = async (options: CelestoDoubleOptions) => {
    desk = await CelestoDesk.open(options);
    sandbox = await desk.sandbox();
  };
  afterEach(async () => {
    await desk?.close();
    desk = sandbox = undefined;
  });
  const there = () => present(sandbox);

  const bring = async (bytes: Uint8Array) => {
    async function* input() {
      for (let at = 0; at < bytes.length; at += 50_000) yield await Promise.resolve(bytes.subarray(at, at + 50_000));
    }
    const { out, outcome } = await finish(there().exec(request(there(), 'sha256sum', { stdin: input() })));
    assert.deepEqual(outcome, { kind: 'exited', code: 0 });
    assert.equal(out.split(' ')[0], createHash('sha256').update(bytes).digest('hex'));
  };
  const requestsFor = async (length: number) =>
    (await present(desk).requestsOf(() => bring(randomBytes(length)))).filter((line) => !line.includes('/gateway/'))
      .length;
  const nothingIsLeft = () => present(desk).nothingOfTerminals(there());

  for (const [name, options] of kinds) {
    it(`comes byte for byte, with requests that do not grow with it: ${name}`, async () => {
      await open(options);
      const few = await requestsFor(200_000);
      const many = await requestsFor(2_000_000);
      assert.ok(many < few + 20, `${few}, ${many}`);
      await nothingIsLeft();
    });
  }

  it('comes by requests where there is no terminal', async () => {
    await open({
      lacks: languages,
      faults: Array.from({ length: 100 }, (_, at) => ({ kind: '501', at: at + 1, match: '/terminals' })),
    });
    await bring(randomBytes(100_000));
  });

  it('comes also where each terminal breaks in the middle', async () => {
    await open({ lacks: languages, terminalCutBytes: 2500 });
    await bring(randomBytes(150_000));
    await nothingIsLeft();
  });

  it('costs no terminal where it is little', async () => {
    await open({ lacks: languages });
    const asked = await present(desk).requestsOf(() => bring(randomBytes(5000)));
    assert.deepEqual(
      asked.filter((line) => /terminal|gateway/.test(line)),
      [],
    );
  });
});
