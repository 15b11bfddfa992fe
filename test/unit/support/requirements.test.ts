import assert from 'node:assert/strict';
import { refusal } from '../../support/commands/requirements.mjs';

describe('what a machine needs to run the commands', () => {
  it('is Node 20.19 or newer', () => {
    for (const node of ['20.19.0', '20.20.2', '22.0.0', '24.21.0', '100.0.0']) {
      assert.equal(refusal('linux', node), undefined);
      assert.equal(refusal('darwin', node), undefined);
    }
    for (const node of ['20.18.9', '18.20.0', '16.0.0', '9.11.2']) {
      const sentence = `Airlock's commands need Node 20.19 or newer; this is Node ${node}.`;
      assert.equal(refusal('linux', node), sentence);
    }
  });

  it('is WSL2 on Windows, said in one sentence', () => {
    assert.match(refusal('win32', '24.0.0') ?? '', /^[^.]*use WSL2[^.]*\.$/);
  });
});
