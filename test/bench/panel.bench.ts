// The panel's page with a transcript of 10,000 items: how long it is ever blocked, beside the longest that people bear.
import { openStage } from '../e2e/panel/support/page.ts';
import { measureLongestTasks } from './longestTasks.ts';
import { report } from './report.ts';

/** A task longer than this is felt, in milliseconds. */
const felt = 50;

const stage = await openStage();
try {
  const longest = await measureLongestTasks(stage, 10_000);
  report(
    Object.entries(longest).map(([phase, ours]) => ({
      name: `panel.longest-task.${phase}`,
      ours,
      theirs: felt,
      unit: 'ms',
      limit: 1,
    })),
  );
} finally {
  await stage.close();
}
