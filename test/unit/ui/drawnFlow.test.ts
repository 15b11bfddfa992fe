import assert from 'node:assert/strict';
import { DrawnFlow } from '../../../src/ui/terminal/drawn.ts';

const question = '\u001b[5n';
const answer = '\u001b[0n';
const piece = 'x'.repeat(64 * 1024);
const patient = 2 ** 30;

describe('output that waits until the editor has drawn it', () => {
  const flowInto = (written: string[], patienceMs = patient) => new DrawnFlow((text) => written.push(text), patienceMs);
  /** What is true once all that could go on has done so. */
  const settled = async (promise: Promise<void>) => {
    let isDone = false;
    void promise.then(() => (isDone = true));
    await new Promise((resolve) => setImmediate(resolve));
    return isDone;
  };

  it('passes what a person types for without a question', async () => {
    const written: string[] = [];
    const flow = flowInto(written);
    for (let key = 0; key < 1000; key += 1) await flow.write('x');
    assert.ok(!written.includes(question));
  });

  it('asks between large pieces, and stops while too much is undrawn', async () => {
    const written: string[] = [];
    const flow = flowInto(written);
    await flow.write(piece);
    await flow.write(piece);
    const third = flow.write(piece);
    assert.equal(await settled(third), false);
    assert.equal(written.filter((text) => text === question).length, 3);
    assert.equal(flow.takes(answer), true);
    assert.equal(await settled(third), true);
    assert.equal(await settled(flow.write(piece)), false);
  });

  it('takes an answer only where it asked, and never what a person types', async () => {
    const flow = flowInto([]);
    assert.equal(flow.takes(answer), false, 'nothing was asked');
    await flow.write(piece);
    for (const typed of ['', 'x', '\u001b', '\u001b[A', `${answer}x`, `x${answer}`])
      assert.equal(flow.takes(typed), false);
    assert.equal(flow.takes(answer), true);
    assert.equal(flow.takes(answer), false, 'it was answered');
  });

  it('takes several answers at once', async () => {
    const flow = flowInto([]);
    await flow.write(piece);
    await flow.write(piece);
    const third = flow.write(piece);
    assert.equal(flow.takes(answer.repeat(3)), true);
    assert.equal(await settled(third), true);
  });

  it('goes on by itself where no answer comes, and still knows a late one', async () => {
    const flow = flowInto([], 1);
    for (let count = 0; count < 6; count += 1) await flow.write(piece);
    assert.equal(flow.takes(answer.repeat(6)), true);
    assert.equal(flow.takes(answer), false);
  });
});
