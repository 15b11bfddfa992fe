import type { CelestoDoubleOptions } from '../support/celesto/double.ts';
import { CelestoDesk } from './celestoDesk.ts';
import { frozenChapter, holdersInShell } from './frozen.ts';

for (const [way, options, ...holder] of [
  ['by stream', {}],
  ['by terminal', { stream: false }],
  ['by requests, in a shell', { stream: false, lacks: ['perl', 'python3'] }, holdersInShell],
] as const satisfies readonly (readonly [string, CelestoDoubleOptions, string?])[]) {
  describe(`commands that stop what holds them, followed ${way}`, function () {
    this.timeout(240_000);
    let desk: CelestoDesk | undefined;
    afterEach(async () => {
      await desk?.close();
      desk = undefined;
    });

    frozenChapter(
      async () => {
        desk = await CelestoDesk.open(options);
        return await desk.sandbox();
      },
      ...holder,
    );
  });
}
