import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { readSources } from '../../support/architecture/sources.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

describe('gestures', () => {
  const sources = readSources(root, ['src']);

  it('are made in one file of the product only', () => {
    const makers = sources.filter(({ text }) => /new Gesture\(/.test(text)).map(({ path }) => path);
    assert.deepEqual(makers, ['src/ui/gestures.ts']);
  });

  it('are out of reach of the panel that renders what a model wrote', () => {
    const panel = sources.filter(({ path }) => path.startsWith('src/ui/panel'));
    assert.ok(panel.length > 0);
    for (const { path, text } of panel)
      assert.doesNotMatch(text, /gestures\.ts|changes\/apply\.ts|network\/allow\.ts/, path);
  });

  it('that let bytes out or in come from a modal dialog, never from a surface that a command can answer', () => {
    const maker = sources.find(({ path }) => path === 'src/ui/gestures.ts')?.text ?? '';
    assert.match(maker, /askModally/);
    assert.doesNotMatch(maker, /showQuickPick|showInputBox|showInformationMessage|executeCommand/);
  });
});
