import assert from 'node:assert/strict';
import type { PanelState } from '../../../src/shared/view.ts';
import { longTranscript } from './support/long.ts';
import { openStage, PanelPage, type OpenOptions, type Stage } from './support/page.ts';
import { session, state, walk, working } from './support/states.ts';

describe('how the panel looks', function () {
  this.timeout(240_000);
  let stage: Stage;
  let panel: PanelPage;

  before(async () => {
    stage = await openStage();
  });

  after(() => stage.close());

  afterEach(async () => {
    assert.deepEqual(await panel.wrongs(), []);
    await panel.close();
  });

  async function open(more: Partial<PanelState>, options: OpenOptions = {}): Promise<void> {
    panel = await PanelPage.open(stage.browser, stage.origin, { answers: [state(more)], ...options });
  }

  it('draws only what is near, and everything when it comes near', async () => {
    await open({ session, transcript: longTranscript(2_000) });
    await panel.drawn(20);
    const drawn = await panel.page.locator('.item').count();
    assert.ok(drawn > 5 && drawn < 100, String(drawn));
    assert.equal(await panel.page.getByText('Prompt 0:').count(), 0);
    await panel.page.evaluate(`document.querySelector('[role=log]').scrollTop = 0`);
    await panel.page.getByText('Prompt 0:').waitFor();
    assert.ok((await panel.page.locator('.item').count()) < 100);
  });

  for (const width of [250, 400, 900]) {
    it(`fits ${width} pixels`, async () => {
      await open(
        { session: { ...working, changes: 4 }, transcript: [...walk], canStop: true, canContinue: true },
        { width },
      );
      await panel.drawn(15);
      assert.equal(await panel.page.evaluate('document.documentElement.scrollWidth'), width);
      const outside = await panel.page.evaluate(
        `[...document.querySelectorAll('button')].filter((b) => b.checkVisibility() && b.getBoundingClientRect().right > ${width}).map((b) => b.outerHTML)`,
      );
      assert.deepEqual(outside, []);
    });
  }

  it('lays no box of the editor behind a command, as there is one behind code in a sentence', async () => {
    await open({ session, transcript: [...walk] }, { theme: 'contrast-light' });
    const looks = async (selector: string) =>
      await panel.page.evaluate<string>(
        `(() => { const s = getComputedStyle(document.querySelector('${selector}')); return s.backgroundColor + ' ' + s.color; })()`,
      );
    assert.equal(await looks('.command-text'), 'rgba(0, 0, 0, 0) rgb(41, 41, 41)');
    assert.equal(await looks('.code code'), 'rgba(0, 0, 0, 0) rgb(41, 41, 41)');
    assert.equal(await looks('.block p > code'), 'rgb(9, 52, 95) rgb(255, 255, 255)');
  });

  for (const theme of ['dark', 'light', 'contrast-dark', 'contrast-light'] as const) {
    it(`is drawn in ${theme} for people to look at`, async () => {
      await open({ session: { ...session, changes: 4 }, transcript: [...walk] }, { theme, height: 1300 });
      await panel.drawn(20);
      await panel.screenshot(`walk-${theme}`);
    });
  }
});
