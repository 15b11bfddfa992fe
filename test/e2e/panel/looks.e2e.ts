import assert from 'node:assert/strict';
import { longTranscript } from './support/long.ts';
import { onPanel } from './support/page.ts';
import { session, walk, working } from './support/states.ts';

describe('how the panel looks', function () {
  this.timeout(240_000);
  const row = onPanel();
  const { open } = row;

  it('draws only what is near, and everything when it comes near', async () => {
    await open({ session, transcript: longTranscript(2_000) });
    await row.panel.drawn(20);
    const drawn = await row.panel.page.locator('.item').count();
    assert.ok(drawn > 5 && drawn < 100, String(drawn));
    assert.equal(await row.panel.page.getByText('Prompt 0:').count(), 0);
    await row.panel.page.evaluate(`document.querySelector('[role=log]').scrollTop = 0`);
    await row.panel.page.getByText('Prompt 0:').waitFor();
    assert.ok((await row.panel.page.locator('.item').count()) < 100);
  });

  for (const width of [250, 400, 900]) {
    it(`fits ${width} pixels`, async () => {
      await open(
        { session: { ...working, changes: 4 }, transcript: [...walk], canStop: true, canContinue: true },
        { width },
      );
      await row.panel.drawn(15);
      assert.equal(await row.panel.page.evaluate('document.documentElement.scrollWidth'), width);
      const outside = await row.panel.page.evaluate(
        `[...document.querySelectorAll('button')].filter((b) => b.checkVisibility() && b.getBoundingClientRect().right > ${width}).map((b) => b.outerHTML)`,
      );
      assert.deepEqual(outside, []);
    });
  }

  it('lays no box of the editor behind a command, as there is one behind code in a sentence', async () => {
    await open({ session, transcript: [...walk] }, { theme: 'contrast-light' });
    const looks = async (selector: string) =>
      await row.panel.page.evaluate<string>(
        `(() => { const s = getComputedStyle(document.querySelector('${selector}')); return s.backgroundColor + ' ' + s.color; })()`,
      );
    assert.equal(await looks('.command-text'), 'rgba(0, 0, 0, 0) rgb(41, 41, 41)');
    assert.equal(await looks('.code code'), 'rgba(0, 0, 0, 0) rgb(41, 41, 41)');
    assert.equal(await looks('.block p > code'), 'rgb(9, 52, 95) rgb(255, 255, 255)');
  });

  for (const theme of ['dark', 'light', 'contrast-dark', 'contrast-light'] as const) {
    it(`is drawn in ${theme} for people to look at`, async () => {
      await open({ session: { ...session, changes: 4 }, transcript: [...walk] }, { theme, height: 1300 });
      await row.panel.drawn(20);
      await row.panel.screenshot(`walk-${theme}`);
    });
  }
});
