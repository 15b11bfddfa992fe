import assert from 'node:assert/strict';
import { labelOf, noChoice, portChoices, whyNoPort, type PortChoice } from '../../../../src/core/ports/choices.ts';
import { publications } from '../../../../src/core/ports/publications.ts';
import { newApps, portRows, type PortFacts } from '../../../../src/core/ports/rows.ts';
import type { Listener } from '../../../../src/core/sandbox.ts';
import type { LogEvent } from '../../../../src/core/session/events.ts';

const none: PortFacts = {
  listeners: [],
  choices: new Map(),
  forwarded: new Map(),
  problems: new Map(),
  published: new Map(),
};
const rows = (facts: Partial<PortFacts>) => portRows({ ...none, ...facts });
const at = (port: number, address = '127.0.0.1', program?: string): Listener =>
  program === undefined ? { port, address } : { port, address, program };
const choice = (change: Partial<PortChoice>): PortChoice => ({ ...noChoice, ...change });
const logged = (...events: readonly LogEvent[]) => events.map((event, seq) => ({ seq, at: seq, event }));

describe('the rows of ports', () => {
  it('take both kinds of address for one app, and keep the name that is known', () => {
    const found = rows({ listeners: [at(3000, '::'), at(3000, '0.0.0.0', 'vite'), at(80, '::1')] });
    assert.deepEqual(found, [
      { port: 80, isListening: true },
      { port: 3000, isListening: true, program: 'vite' },
    ]);
  });

  it('leave out what cannot be reached on the loopback', () => {
    assert.deepEqual(rows({ listeners: [at(3000, '10.0.0.7'), at(3001, '127.0.0.53'), at(0)] }), []);
  });

  it('keep what a person did something with, also when nothing listens', () => {
    const choices = new Map([
      [1, choice({ label: 'One' })],
      [2, choice({ forwarded: true, localPort: 40_000 })],
      [3, choice({ noticed: true })],
      [4, choice({ forwarded: true, localPort: 4000, chosen: true })],
    ]);
    const forwarded = new Map([[2, { authority: 's-1.localhost:40000', localPort: 40_000 }]]);
    const problems = new Map([[4, 'Port 4000 of this machine is taken.']]);
    assert.deepEqual(rows({ choices, forwarded, problems }), [
      { port: 1, isListening: false, label: 'One' },
      { port: 2, isListening: false, local: { authority: 's-1.localhost:40000', localPort: 40_000 } },
      { port: 4, isListening: false, chosenPort: 4000, problem: 'Port 4000 of this machine is taken.' },
    ]);
  });

  it('show names of the sandbox short, on one line and without what is not seen', () => {
    const [row] = rows({ listeners: [at(3000, '::', `  a\u202eb\n\u0007c${'x'.repeat(80)}`)] });
    assert.equal(row?.program, `a b c${'x'.repeat(35)}`);
    assert.equal(rows({ listeners: [at(3000, '::', '\u200b\n')] })[0]?.program, undefined);
  });

  it('are bounded', () => {
    assert.equal(rows({ listeners: Array.from({ length: 5000 }, (_, port) => at(port + 1)) }).length, 100);
  });

  it('tell of apps once, and not of debuggers and passing ports', () => {
    const shown = rows({ listeners: [at(3000), at(3001), at(9229), at(40_123)] });
    const told = (choices: ReadonlyMap<number, PortChoice>) => newApps(shown, choices).map(({ port }) => port);
    assert.deepEqual(told(new Map()), [3000, 3001]);
    assert.deepEqual(told(new Map([[3000, choice({ noticed: true })]])), [3001]);
  });
});

describe('what a session remembers of its ports', () => {
  it('is what its log said last of each', () => {
    const choices = portChoices(
      logged(
        { t: 'port', port: 3000, forwarded: true, chosen: false, noticed: true, localPort: 40_000 },
        { t: 'port', port: 8080, forwarded: false, chosen: false, noticed: true },
        { t: 'port', port: 3000, forwarded: false, chosen: false, noticed: true, label: 'App' },
      ),
    );
    assert.deepEqual(
      [...choices],
      [
        [3000, { forwarded: false, chosen: false, noticed: true, label: 'App' }],
        [8080, { forwarded: false, chosen: false, noticed: true }],
      ],
    );
  });

  it('holds what is, or may be, public', () => {
    const open = publications(
      logged(
        { t: 'publish-intent', port: 1, until: 100 },
        { t: 'published', port: 1, url: 'https://one.example' },
        { t: 'publish-intent', port: 2, until: 200 },
        { t: 'publish-intent', port: 3, until: 300 },
        { t: 'published', port: 3, url: 'https://three.example' },
        { t: 'unpublished', port: 3 },
      ),
    );
    assert.deepEqual(
      [...open.values()],
      [
        { port: 1, until: 100, url: 'https://one.example' },
        { port: 2, until: 200 },
      ],
    );
  });

  it('takes labels of one short line, and ports that there are', () => {
    assert.equal(labelOf('  My\n app '), 'My app');
    assert.equal(labelOf(' \u200b '), undefined);
    assert.equal(labelOf('x'.repeat(100))?.length, 60);
    for (const good of ['1', '8080', '65535', ' 80 ']) assert.equal(whyNoPort(good), undefined, good);
    for (const bad of ['', '0', '65536', '-1', '8e3', '80.5', 'http']) assert.ok(whyNoPort(bad), bad);
  });
});
