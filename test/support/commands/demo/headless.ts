import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { demoFixed, demoPrompt } from '../../model/demoScript.ts';
import { running, sandboxProcesses } from '../../story/leftovers.ts';
import { Story } from '../../story/story.ts';
import { ensureBrowser } from '../../vscode/browser.ts';
import { eventually } from '../../vscode/eventually.ts';
import { Walk } from '../../vscode/walk.ts';
import type { DemoModel } from './model.ts';

const say = (line: string): void => console.log(`  ${line}`);

/**
 * Walks through the whole story through the user interface alone.
 *
 * @returns 0 only where the project's own test passes after the changes were applied, and nothing is left running
 */
export async function walkAlone(model: DemoModel): Promise<number> {
  await ensureBrowser();
  console.log('Opening the editor ...');
  const walk = await Walk.start({ name: 'demo', fixture: 'demo-project', settings: model.settings });
  let pids: number[] = [];
  try {
    if (testsPass(walk.folder)) throw new Error('The demo project passes its test before the agent came.');
    say("The project's own test fails.");
    await tellStory(new Story(walk, model.turnTimeoutMs), walk, (found) => (pids = found));
  } catch (error) {
    await walk.shot('failed').catch(() => undefined);
    throw error;
  } finally {
    await walk.workbench.close();
  }
  const isMended = testsPass(walk.folder);
  const left = await leftRunning(pids);
  await walk.end();
  console.log(isMended ? "The project's own test passes." : "The project's own test still fails.");
  console.log(left.length === 0 ? 'Nothing is left running.' : `Left running: ${left.join(', ')}.`);
  console.log(`Screenshots: ${walk.screenshots}`);
  return isMended && left.length === 0 ? 0 : 1;
}

async function tellStory(story: Story, walk: Walk, found: (pids: number[]) => void): Promise<void> {
  await walk.shot('project');
  await story.start(async () => await walk.shot('upload'));
  found(sandboxProcesses(walk.storage));
  say('The folder was sent into a sandbox.');
  await story.prompt(demoPrompt);
  await walk.shot('prompt');
  await story.turnEnd();
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

async function leftRunning(pids: readonly number[]): Promise<number[]> {
  if (pids.length === 0) throw new Error('No sandbox was seen running.');
  const gone = eventually(() => Promise.resolve(running(pids).length === 0 || undefined), 'the end of the sandbox');
  return await gone.then(
    () => [],
    () => running(pids),
  );
}
