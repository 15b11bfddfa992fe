// The demo itself, on Node 22 or newer: builds and packages the extension, starts a model where none is given, and opens
// the editor for a person, or walks through the story without one. Whatever happens, it ends what it started.
import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { repository } from '../places.mjs';
import { prepare } from '../prepare.ts';
import { runShown } from '../shown.mjs';
import { OwnProcesses } from '../../story/ownProcesses.ts';
import { openFolder } from '../../vscode/walk.ts';
import { askedToEnd, unlessAsked } from './asked.ts';
import { walkAlone } from './headless.ts';
import { serve, type Scene } from './interactive.ts';
import { thisMachine } from './machine.mjs';
import { chooseModel } from './model.ts';
import { sandbox } from './sandboxProbe.mjs';

const headless = process.argv.includes('--headless');

/** The exit code on a machine that is not fit for the demo. */
const unfit = 2;
/** The exit code of a demo that was broken off: a person before an open editor has had enough, and all is well. */
const broken = headless ? 130 : 0;

/** Whether the sandbox that may just have been installed runs: only now can that be tried. */
async function isFit(): Promise<boolean> {
  if (!(await prepare(new Set(['demo'])))) return false;
  const { ok, says, fix } = sandbox(await thisMachine());
  if (!ok) console.error(`no  sandbox  ${says}\n\nTo fix sandbox:\n  ${fix}`);
  return ok;
}

async function makePackage(): Promise<void> {
  const script = `${repository}/test/support/commands/package.ts`;
  const code = await runShown(process.execPath, [script], { cwd: repository, quiet: true });
  if (code !== 0) throw new Error('The extension could not be packaged.');
}

/** @returns the exit code, as far as the play itself decides it */
async function play(scene: Omit<Scene, 'model'>): Promise<number> {
  if (!(await isFit())) return unfit;
  console.log('Building and packaging the extension ...');
  await makePackage();
  const model = await chooseModel();
  console.log(`Model: ${model.title}`);
  if (headless) return (await walkAlone({ ...scene, model })) ? 0 : 1;
  await serve({ ...scene, model });
  return 0;
}

async function outcome(asked: AbortSignal, playing: Promise<number>): Promise<number> {
  try {
    const code = await unlessAsked(asked, playing);
    return code === 'asked' ? broken : code;
  } catch (error) {
    // Ctrl-C reaches what was started as well, which may end sooner than this hears of it.
    if (asked.aborted) return broken;
    console.error(error);
    return 1;
  }
}

/** Ends everything. A play that was broken off fails by that, or waits on; what it still started meanwhile is ended too. */
async function endAll(playing: Promise<number>, own: OwnProcesses): Promise<readonly number[]> {
  await own.end();
  await Promise.race([playing.catch(() => undefined), wait(2_000)]);
  return await own.end();
}

const asked = askedToEnd();
const own = new OwnProcesses();
const root = await openFolder('airlock-demo-');
const playing = play({ root, own, asked });
const code = await outcome(asked, playing);
const left = await endAll(playing, own);
for (const folder of [root, ...own.places]) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
if (code !== unfit)
  console.log(left.length === 0 ? '\nNothing is left running.' : `\nLeft running: ${left.join(', ')}.`);
// What was broken off may still wait for something that will not come.
process.exit(left.length === 0 ? code : 1);
