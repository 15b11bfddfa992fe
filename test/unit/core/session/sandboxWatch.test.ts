import assert from 'node:assert/strict';
import type { Sandbox, Status } from '../../../../src/core/sandbox.ts';
import { SandboxWatch } from '../../../../src/core/session/sandboxWatch.ts';
import { eventually } from '../../../support/vscode/eventually.ts';
import { recorderInMemory } from './logInMemory.ts';

describe('a sandbox that changes without us', () => {
  it('is written down as it is told, each change once, with what mends it', async () => {
    const { recorder } = recorderInMemory({ t: 'sandbox', state: 'running', incarnation: 'i' });
    const states: Status['state'][] = ['running', 'paused', 'running', 'stopped', 'gone'];
    async function* watch(): AsyncGenerator<Status> {
      for (const state of states) {
        await Promise.resolve();
        yield { state, incarnation: 'i' };
      }
    }
    new SandboxWatch(recorder, (line) => assert.fail(line)).follow({ watch } as unknown as Sandbox);
    await eventually(() => Promise.resolve(recorder.regions.sandbox === 'gone' || undefined), 'the last state');
    const told = recorder.events.flatMap(({ event }) => (event.t === 'sandbox' ? [event] : []));
    assert.deepEqual(
      told.map(({ state, problem }) => [state, problem?.id, problem?.fix]),
      [
        ['running', undefined, undefined],
        ['paused', 'sandbox-paused', 'resume-sandbox'],
        ['running', undefined, undefined],
        ['stopped', 'sandbox-lost', 'restart-sandbox'],
        ['gone', 'sandbox-gone', 'refill-sandbox'],
      ],
    );
    const offered = recorder.transcript.items().map((item) => (item.kind === 'notice' ? item.fix?.title : undefined));
    assert.deepEqual(offered, [undefined, undefined, 'Start New Sandbox from Last Checkpoint']);
  });
});
