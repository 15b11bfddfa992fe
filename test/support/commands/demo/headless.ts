import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { demoFixed, demoPrompt } from '../../model/demoScript.ts';
import { Story } from '../../story/story.ts';
import { ensureBrowser } from '../../vscode/browser.ts';
import { eventually } from '../../vscode/eventually.ts';
import { Walk } from '../../vscode/walk.ts';
import type { Scene } from './interactive.ts';

const say = (line: string): void => console.log(`  ${line}`);

/**
 * Walks through the whole story through the user interface alone. What a story that broke off leaves is the caller's to
 * end.
 *
 * @returns true only where the project's own test passes after the changes were applied, and all that was started has
 * ended by itself: editor, hosts, browser and sandbox
 */
export async function walkAlone({ model, root, own }: Scene): Promise<boolean> {
  await ensureBrowser();
  console.log('Opening the editor ...');
  const walk = await Walk.start({ name: 'demo', fixture: 'demo-project', settings: model.settings, root });
  own.watch(walk.storage);
  console.log(`Screenshots: ${walk.screenshots}`);
  if (testsPass(walk.folder)) throw new Error('The demo project passes its test before the agent came.');
  say("The project's own test fails.");
  try {
    await tellStory(new Story(walk, { turnTimeoutMs: model.turnTimeoutMs }), walk, () => own.look());
  } catch (error) {
    await walk.shot('failed').catch(() => undefined);
    throw error;
  }
  own.look();
  await walk.workbench.close();
  const isMended = testsPass(walk.folder);
  console.log(isMended ? "The project's own test passes." : "The project's own test still fails.");
  const left = await own.gone();
  if (left.length > 0) console.log(`Did not end by itself: ${left.join(', ')}.`);
  return isMended && left.length === 0;
}

async function tellStory(story: Story, walk: Walk, look: () => readonly unknown[]): Promise<void> {
  await walk.shot('project');
  await story.start(async () => await walk.shot('upload'));
  look();
  say('The folder was sent into a sandbox.');
  await story.prompt(demoPrompt);
  await walk.shot('prompt');
  await story.turnEnd();
  look();
  await walk.shot('answer');
  say('The agent has done its work in the sandbox.');
  await story.review(demoFixed);
  await walk.shot('review');
  await walk.workbench.focusView('Airlock', 'Changes');
  await walk.shot('changes');
  const before = readFileSync(`${walk.folder}/${demoFixed}`, 'utf8');
  const question = await story.apply();
  await eventually(
    () => Promise.resolve(readFileSync(`${walk.folder}/${demoFixed}`, 'utf8') !== before || undefined),
    'the applied change',
  );
  await walk.shot('applied');
  say(`“${question}” Yes.`);
  await story.delete();
  await walk.shot('deleted');
  say('The session is deleted.');
}

function testsPass(folder: string): boolean {
  return spawnSync(process.execPath, ['--test'], { cwd: folder, stdio: 'ignore' }).status === 0;
}
