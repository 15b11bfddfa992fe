import assert from 'node:assert/strict';
import { commandRow } from '../../../../src/ui/terminal/commandRow.ts';

describe('a command in a list of choices', () => {
  it('is its first line and its folder', () =>
    assert.deepEqual(commandRow({ command: 'npm test\nrm -rf /', cwd: '/workspace/a' }), {
      label: 'npm test',
      description: '/workspace/a',
    }));

  it('names what would reorder or hide its text', () =>
    assert.deepEqual(commandRow({ command: 'ls \u202Ecod\u202C\rrm', cwd: '/w\u200Bx\n' }), {
      label: 'ls <U+202E>cod<U+202C><U+000D>rm',
      description: '/w<U+200B>x<U+000A>',
    }));

  it('draws no icons', () =>
    assert.equal(commandRow({ command: 'echo $(shield) $(id -u)', cwd: '/' }).label, 'echo \\$(shield) $(id -u)'));
});
