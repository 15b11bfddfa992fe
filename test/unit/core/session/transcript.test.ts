import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mintId } from '../../../../src/shared/ids.ts';
import type { LogEvent, LoggedEvent } from '../../../../src/core/session/events.ts';
import { maxOutputCharacters, Transcript } from '../../../../src/core/session/transcript.ts';

const op = mintId('op');
const model = { name: 'm', baseUrl: 'https://example.test/v1', api: 'responses' as const };

function logged(...events: LogEvent[]): LoggedEvent[] {
  return events.map((event, index) => ({ seq: index, at: 1000 + index, event }));
}

function folded(...events: LogEvent[]): Transcript {
  const transcript = new Transcript();
  for (const event of logged(...events)) transcript.add(event);
  return transcript;
}

const turn: LogEvent = { t: 'turn-started', turn: 't-1', prompt: 'Fix it', model };
const intent: LogEvent = { t: 'command-intent', turn: 't-1', op, command: 'npm test', cwd: '/workspace/a' };

describe('the transcript folded from the log', () => {
  it('shows prompt, command and answer in order', () => {
    const transcript = folded(
      turn,
      intent,
      { t: 'command-output', op, text: 'ok\n' },
      { t: 'command-ended', op, outcome: { kind: 'exited', code: 0 }, omittedBytes: 0 },
      { t: 'message', turn: 't-1', text: 'Done.' },
    );
    const kinds = transcript.items().map((item) => item.kind);
    assert.deepEqual(kinds, ['prompt', 'command', 'message']);
    const command = transcript.items()[1];
    assert.ok(command?.kind === 'command' && command.ok === true);
    assert.deepEqual([command.output, command.outcome, command.state], ['ok\n', 'done', 'ended']);
  });

  it('never shows an unknown outcome as success', () => {
    const problem = { id: 'sandbox-lost', detail: 'The connection dropped.' };
    const transcript = folded(turn, intent, {
      t: 'command-ended',
      op,
      outcome: { kind: 'unknown', problem },
      omittedBytes: 0,
    });
    const command = transcript.items()[1];
    assert.ok(command?.kind === 'command');
    assert.deepEqual([command.state, command.ok], ['unknown', false]);
  });

  it('replaces streamed text by the whole message, in the same place', () => {
    const transcript = folded(turn);
    const first = transcript.addText('Hel');
    transcript.addText('lo');
    assert.equal(transcript.streamingText(), 'Hello');
    const [message] = transcript.add({ seq: 9, at: 2000, event: { t: 'message', turn: 't-1', text: 'Hello!' } });
    assert.equal(message?.id, first.item.id);
    assert.equal(transcript.items().length, 2);
    assert.equal(transcript.streamingText(), undefined);
  });

  it('keeps messages apart while the log is still on its way', () => {
    const transcript = folded(turn);
    transcript.addText('One.');
    transcript.endText();
    assert.equal(transcript.streamingText(), undefined);
    transcript.addText('Two.');
    transcript.add({ seq: 9, at: 2000, event: { t: 'message', turn: 't-1', text: 'One.' } });
    transcript.add({ seq: 10, at: 2000, event: { t: 'message', turn: 't-1', text: 'Two.' } });
    const texts = transcript.items().map((item) => (item.kind === 'message' ? item.text : item.kind));
    assert.deepEqual(texts, ['prompt', 'One.', 'Two.']);
  });

  it('does not show output twice when the log hands back what viewers saw live', () => {
    const transcript = folded(turn, intent);
    transcript.addOutput(op, 'abc');
    transcript.add({ seq: 9, at: 2000, event: { t: 'command-output', op, text: 'abc' } });
    const command = transcript.items()[1];
    assert.equal(command?.kind === 'command' && command.output, 'abc');
  });

  it('keeps the tail of a long output and says how much is left out', () => {
    const transcript = folded(turn, intent);
    transcript.addOutput(op, 'a'.repeat(maxOutputCharacters));
    transcript.addOutput(op, 'end');
    const command = transcript.items()[1];
    assert.ok(command?.kind === 'command');
    assert.equal(command.output.length, maxOutputCharacters);
    assert.ok(command.output.endsWith('end'));
    assert.equal(command.omittedBytes, 3);
  });

  it('gives a problem its one button and says what a closed window interrupted', () => {
    const transcript = folded(turn, {
      t: 'turn-ended',
      turn: 't-1',
      how: 'failed',
      problem: { id: 'model-unauthorised', detail: 'No.', fix: 'set-key' },
    });
    const notices = () => transcript.items().filter((item) => item.kind === 'notice');
    assert.deepEqual(notices()[0]?.fix, { id: 'set-key', title: 'Set API Key' });
    transcript.add({ seq: 9, at: 1, event: { ...turn, turn: 't-2' } });
    transcript.add({ seq: 10, at: 2, event: { t: 'turn-ended', turn: 't-2', how: 'interrupted' } });
    assert.match(notices()[1]?.text ?? '', /interrupted/);
  });

  it('offers to mend a turn until the next one begins: one button, for the last prompt', () => {
    const why = { id: 'model-unreachable', detail: 'It could not be reached.', fix: 'retry' };
    const failed: LogEvent = { t: 'turn-ended', turn: 't-1', how: 'failed', problem: why };
    const fixes = (transcript: Transcript) =>
      transcript.items().flatMap((item) => (item.kind === 'notice' ? [item.fix?.title] : []));
    const transcript = folded(turn, failed);
    assert.deepEqual(fixes(transcript), ['Try Again']);
    const [told, prompt] = transcript.add({ seq: 9, at: 1, event: { ...turn, turn: 't-2' } });
    assert.deepEqual(
      [told?.kind, told && 'fix' in told, prompt?.kind],
      ['notice', false, 'prompt'],
      'viewers are told',
    );
    transcript.add({ seq: 10, at: 2, event: { ...failed, turn: 't-2' } });
    assert.deepEqual(fixes(transcript), [undefined, 'Try Again']);
  });

  it('says that a sandbox is gone, with the one step, and what was done about it', () => {
    const problem = { id: 'sandbox-gone', detail: 'The sandbox is gone.', fix: 'refill-sandbox' };
    const notices = folded({ t: 'sandbox', state: 'gone', problem }, { t: 'refill-intent', files: 3 }).items();
    const [gone, begun] = notices.flatMap((item) => (item.kind === 'notice' ? [item] : []));
    assert.deepEqual([gone?.level, gone?.fix?.title], ['warning', 'Start New Sandbox from Last Checkpoint']);
    assert.match(begun?.text ?? '', /^Starting a new sandbox with 3 files of the last checkpoint\. .* is lost/);
    const transcript = folded({ t: 'sandbox', state: 'gone', problem });
    const [told] = transcript.add({ seq: 9, at: 1, event: { t: 'sandbox', state: 'running' } });
    assert.deepEqual([told?.kind === 'notice' && told.text, told && 'fix' in told], ['The sandbox is gone.', false]);
  });

  it('offers to go on with a sandbox that was paused or stopped, until one runs or the session is over', () => {
    for (const [state, title] of [
      ['paused', 'Resume Sandbox'],
      ['stopped', 'Restart Sandbox'],
    ] as const) {
      const transcript = folded({ t: 'sandbox', state });
      const fixes = () => transcript.items().map((item) => (item.kind === 'notice' ? item.fix?.title : undefined));
      assert.deepEqual(fixes(), [title]);
      transcript.add({ seq: 9, at: 1, event: { t: 'sandbox', state: 'running' } });
      assert.deepEqual(fixes(), [undefined]);
      const ended = folded({ t: 'sandbox', state }, { t: 'ended' }).items();
      assert.doesNotMatch(JSON.stringify(ended), /-sandbox/);
    }
  });

  it('says what was attached, and that it lives on', () => {
    const items = folded({ t: 'attached', title: 'cheeky' }, { t: 'ended', kept: true }).items();
    const [attached, ended] = items.map((item) => (item.kind === 'notice' ? item.text : ''));
    assert.match(attached ?? '', /^You attached “cheeky”\. .*both sides/);
    assert.match(ended ?? '', /lives on/);
  });

  it('says what was sent in later', () => {
    const push = { t: 'sync-done', kind: 'push', files: 2, bytes: 9 } as const;
    assert.match(JSON.stringify(folded(push).items()), /You sent 2 changed files in\./);
    const chosen = { ...push, chosen: ['.env'], leftOut: ['key.ts'] };
    const said = JSON.stringify(folded({ ...push, chosen: ['.env'] }, chosen).items());
    assert.match(said, /You sent 2 changed files in\. Sent because you chose it, .*: \.env\./);
    assert.match(said, /\.env\. Held back while copying, .*: key\.ts\. “Choose Held-Back Files to Send…”/);
    const agreed: LogEvent = { t: 'upload-approved', files: 2, bytes: 9, held: 1, rulesId: 'r' };
    assert.match(JSON.stringify(folded(agreed).items()), /You agreed to send 2 files in; 1 path held back\./);
    assert.match(JSON.stringify(folded({ ...push, files: 1234 }).items()), /You sent 1,234 changed files in\./);
    const set = mintId('change-set');
    const undone: LogEvent = { t: 'undone', set, restored: [], skipped: [{ path: 'a.ts', why: 'changed since' }] };
    assert.match(JSON.stringify(folded(undone).items()), /Undo restored nothing: a\.ts \(changed since\)\./);
    assert.deepEqual(folded({ ...push, files: 0 }, { ...push, kind: 'pull' }).items(), []);
  });

  it('gives the same items for the same log', () => {
    const events: LogEvent[] = [turn, intent, { t: 'message', turn: 't-1', text: 'x' }];
    assert.deepEqual(folded(...events).items(), folded(...events).items());
  });
});
