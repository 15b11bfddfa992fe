import { commands, window, type QuickPickItem } from 'vscode';
import { problemOf, type Problem } from '../../core/problem.ts';
import type { Messages } from '../messages.ts';
import { valueOf, withCancel } from '../progress.ts';
import { currentModel, type Services } from '../services.ts';
import { windowProblem } from '../start/folders.ts';
import { probeAll, wantsSignIn, type Kind } from '../start/kinds.ts';

interface Finding extends QuickPickItem {
  readonly problem?: Problem;
  readonly command?: string;
}

/** Looks at everything a session needs, one row each; choosing a row that is wrong offers its fix. */
export async function checkSetup(services: Services, messages: Messages): Promise<void> {
  const looked = await withCancel('Checking the setup', async (_say, signal) => {
    const findings = [windowFinding(), ...(await sandboxFindings(services, signal)), await modelFinding(services)];
    // What is shown elsewhere of the setup is never older than this.
    await services.sandboxes.lookAgain(signal);
    return findings;
  });
  const findings = valueOf(looked);
  if (findings === undefined) return;
  const wrong = findings.filter(({ problem }) => problem !== undefined).length;
  const placeHolder = wrong === 0 ? 'All is ready.' : 'Choose a row to see how to mend it.';
  const picked = await window.showQuickPick(findings, { title: 'Check Setup', placeHolder, matchOnDetail: true });
  if (picked?.problem !== undefined) await mend(picked.problem, services, messages);
  else if (picked?.command !== undefined) await commands.executeCommand(picked.command);
}

/** The command that mends it at once, where there is one; else why, with a button that leads on from here. */
async function mend(problem: Problem, services: Services, messages: Messages): Promise<void> {
  const { fix, ...told } = problem;
  if (fix === 'show-command') await messages.fix(fix, problem);
  else await messages.problem(fix === 'show-setup' ? told : problem, () => checkSetup(services, messages));
}

function windowFinding(): Finding {
  return finding('Folder', windowProblem(), 'Open, trusted and on this machine.');
}

async function sandboxFindings({ parts, setting }: Services, signal: AbortSignal): Promise<readonly Finding[]> {
  const kinds = await probeAll(await parts.providers(), setting, signal);
  return kinds.map(sandboxFinding);
}

function sandboxFinding(kind: Kind): Finding {
  const { provider, probe } = kind;
  // Nobody has to use a hosted service.
  if (wantsSignIn(kind)) {
    const label = `$(circle-outline) ${provider.title}`;
    return { label, description: 'not signed in', detail: provider.isolation, command: 'airlock.chooseSandbox' };
  }
  return {
    ...finding(
      provider.title,
      probe.ready ? undefined : probe.problem,
      (probe.ready && probe.note) || provider.isolation,
    ),
    command: 'airlock.chooseSandbox',
  };
}

async function modelFinding(services: Services): Promise<Finding> {
  try {
    const model = currentModel(services);
    const isReady = await services.keys.isReady(model);
    const detail = `${model.choice.name} at ${model.host}. ${isReady ? 'Ready.' : 'Asks for a key when it is first used.'}`;
    return { ...finding('Model', undefined, detail), command: isReady ? 'airlock.chooseModel' : 'airlock.setApiKey' };
  } catch (error) {
    return finding('Model', problemOf(error, 'bad-input'), '');
  }
}

function finding(name: string, problem: Problem | undefined, good: string): Finding {
  if (problem === undefined) return { label: `$(check) ${name}`, description: 'ready', detail: good };
  return { label: `$(warning) ${name}`, description: 'not ready', detail: problem.detail, problem };
}
