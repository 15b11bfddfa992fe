import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { CelestoDesk } from './celestoDesk.ts';
import type { frozenChapter } from './frozen.ts';

/** A chapter about stopped holders, each row of it at a hosted computer of its own. */
export function describeFrozen(way: string, options: CelestoDoubleOptions, chapter: typeof frozenChapter): void {
  describe(`commands that stop what holds them, followed ${way}`, function () {
    this.timeout(240_000);
    let desk: CelestoDesk | undefined;
    afterEach(async () => {
      await desk?.close();
      desk = undefined;
    });

    chapter(async () => {
      desk = await CelestoDesk.open(options);
      return await desk.sandbox();
    });
  });
}
