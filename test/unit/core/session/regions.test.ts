import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { problem } from '../../../../src/core/problem.ts';
import { mintId } from '../../../../src/shared/ids.ts';
import type { LogEvent } from '../../../../src/core/session/events.ts';
import { foldRegions, inBackground, newRegions, statusOf } from '../../../../src/core/session/regions.ts';

const op = mintId('op');
const model = { name: 'm', baseUrl: 'https://example.test/v1', api: 'responses' as const };
const running: LogEvent = { t: 'sandbox', state: 'running', incarnation: 'i1' };
const asked: LogEvent = { t: 'create-intent', key: op };
const starting: LogEvent = { t: 'sandbox', state: 'starting' };
const gone: LogEvent = { t: 'sandbox', state: 'gone' };
const stopped: LogEvent = { t: 'sandbox', state: 'stopped' };
const turn: LogEvent = { t: 'turn-started', turn: 't-1', prompt: 'x', model };
const filling: LogEvent = { t: 'sync-intent', kind: 'hydrate', files: 3 };
const filled: LogEvent & { t: 'sync-done' } = { t: 'sync-done', kind: 'hydrate', files: 3, bytes: 9 };
const look: LogEvent = { t: 'sync-intent', kind: 'pull' };
const looked: LogEvent = { ...filled, kind: 'pull' };
const why = problem('upload-failed', 'It broke off.');
const intent: LogEvent = { t: 'command-intent', turn: 't-1', op, command: 'npm test\nsecond line', cwd: '/w' };

function status(...events: LogEvent[]): ReturnType<typeof statusOf> {
  const regions = events.reduce((all, event, seq) => foldRegions(all, { seq, at: 0, event }), newRegions);
  return statusOf(regions);
}

describe('the status derived from the four regions', () => {
  const rows: [string, LogEvent[], string, RegExp][] = [
    ['nothing yet', [], 'new', /Not started/],
    ['starting', [{ t: 'sandbox', state: 'starting' }], 'starting', /Starting/],
    ['hydrating', [running, { t: 'sync-intent', kind: 'hydrate', files: 3 }], 'uploading', /Copying 3 files/],
    ['asked for', [asked], 'new', /Not started/],
    ['there, but not filled yet', [asked, starting, running], 'uploading', /Preparing/],
    ['filled and looked at', [asked, starting, running, filling, filled, look, looked], 'idle', /Ready/],
    ['started again as it was', [running, stopped, starting, running], 'idle', /Ready/],
    ['found again', [running, gone, starting, running], 'idle', /Ready/],
    ['made anew', [running, gone, asked, starting, running], 'uploading', /Preparing/],
    ['attached, but not looked at yet', [{ t: 'attach-intent', title: 'x' }, starting, running], 'uploading', /Prep/],
    ['not made after all', [asked, starting, { t: 'sandbox', state: 'failed' }], 'failed', /failed/],
    ['filled, but not looked at yet', [running, filling, filled], 'uploading', /Preparing/],
    ['looked at the first time', [running, filling, filled, look], 'uploading', /Preparing/],
    ['filled', [running, filling, filled, look, looked], 'idle', /Ready/],
    ['not filled after all', [running, filling, { ...filled, problem: why }], 'idle', /Ready/],
    ['filled before a reload', [running, filling, filled, running], 'idle', /Ready/],
    ['ready', [running], 'idle', /Ready/],
    ['thinking', [running, turn], 'working', /Thinking/],
    ['a command', [running, turn, intent], 'working', /^Running npm test$/],
    [
      'a turn after one whose command still runs',
      [running, turn, intent, { ...turn, turn: 't-2' }],
      'working',
      /Thinking/,
    ],
    ['interrupted', [running, turn, { t: 'turn-ended', turn: 't-1', how: 'interrupted' }], 'interrupted', /./],
    ['stopped', [running, { t: 'sandbox', state: 'stopped' }], 'stopped', /./],
    ['paused', [running, { t: 'sandbox', state: 'paused' }], 'paused', /^Paused$/],
    ['paused while the agent works', [running, turn, { t: 'sandbox', state: 'paused' }], 'working', /paused/],
    ['gone', [running, { t: 'sandbox', state: 'gone' }], 'gone', /./],
    ['lost', [running, { t: 'sandbox', state: 'lost' }], 'failed', /lost/],
    ['not started after all', [{ t: 'sandbox', state: 'failed' }], 'failed', /Start failed/],
    ['ended', [running, { t: 'sandbox', state: 'deleted' }, { t: 'ended' }], 'ended', /./],
  ];
  for (const [name, events, expected, text] of rows) {
    it(`says ${expected} for ${name}`, () => {
      const derived = status(...events);
      assert.equal(derived.status, expected);
      assert.match(derived.text, text);
    });
  }

  it('says of a command that outlived its wait no more that the agent runs it', () => {
    const later = mintId('op');
    const events: LogEvent[] = [running, turn, intent, { ...intent, op: later, command: 'npm run dev' }];
    const regions = events.reduce((all, event, seq) => foldRegions(all, { seq, at: 0, event }), newRegions);
    const texts = [regions, inBackground(regions, later), inBackground(inBackground(regions, later), op)].map(
      (each) => statusOf(each).text,
    );
    assert.deepEqual(texts, ['Running npm run dev', 'Running npm test', 'Thinking']);
    assert.equal(inBackground(regions, later).openCommands.size, 2, 'it is known to run on');
  });

  it('knows which commands have no logged end', () => {
    const events: LogEvent[] = [running, turn, intent];
    const open = events.reduce((all, event, seq) => foldRegions(all, { seq, at: 0, event }), newRegions).openCommands;
    assert.deepEqual([...open.keys()], [op]);
  });
});
