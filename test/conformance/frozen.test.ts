import { CelestoDesk } from './celestoDesk.ts';
import { frozenChapter } from './frozen.ts';

for (const [way, stream] of [
  ['by stream', true],
  ['by terminal', false],
] as const) {
  describe(`commands that stop what holds them, followed ${way}`, function () {
    this.timeout(240_000);
    let desk: CelestoDesk | undefined;
    afterEach(async () => {
      await desk?.close();
      desk = undefined;
    });

    frozenChapter(async () => {
      desk = await CelestoDesk.open({ stream });
      return await desk.sandbox();
    });
  });
}
