import { commands, env } from 'vscode';
import { AirlockError, type FixId, type Problem } from '../core/problem.ts';
import { fixOf } from '../core/session/fixes.ts';
import { askModally } from './dialogs.ts';
import type { Log } from './log.ts';
import { isAbort } from './progress.ts';
import { showError } from './notify.ts';

/** What each fixing button does. */
export type FixActions = Readonly<Record<FixId, (problem: Pick<Problem, 'detail' | 'fixCommand'>) => unknown>>;

const openLog = 'Open Log';

/** Says what failed in one sentence with at most two buttons: the fix, and the log. Cancelled work says nothing. */
export class Messages {
  readonly #log: Log;
  #fixes: FixActions | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Fixes are commands, and commands say what failed: they are handed in once both exist. */
  useFixes(fixes: FixActions): void {
    this.#fixes = fixes;
  }

  /** Shows a failure. `doing` names the action, such as `Apply Checked Changes`. */
  async failure(doing: string, error: unknown): Promise<void> {
    if (isAbort(error)) return;
    this.#log.error(`${doing} failed.`, error);
    if (error instanceof AirlockError) {
      await this.problem(error.problem);
      return;
    }
    const cause = error instanceof Error ? error.message : String(error);
    const pressed = await showError(`${doing} failed: ${cause}`, openLog);
    if (pressed === openLog) await commands.executeCommand('airlock.openLog');
  }

  /** Shows a problem with the button that mends it. */
  async problem(problem: Problem): Promise<void> {
    const fix = fixOf(problem);
    const buttons = [...new Set([...(fix === undefined ? [] : [fix.title]), openLog])];
    const pressed = await showError(problem.detail, ...buttons);
    if (pressed === undefined) return;
    if (pressed === fix?.title) await this.fix(fix.id, problem);
    else await commands.executeCommand('airlock.openLog');
  }

  /** Does what a fixing button promises. An id that is not known does nothing. */
  async fix(id: string, problem: Pick<Problem, 'detail' | 'fixCommand'>): Promise<void> {
    const fixes = this.#fixes;
    if (fixes !== undefined && Object.hasOwn(fixes, id)) await fixes[id as FixId](problem);
  }
}

/** Shows a command that mends something, for copying; it is never run by us. */
export async function offerCommand({ detail, fixCommand }: Pick<Problem, 'detail' | 'fixCommand'>): Promise<void> {
  if (fixCommand === undefined) {
    await commands.executeCommand('airlock.checkSetup');
    return;
  }
  const copy = 'Copy Command';
  const question = { message: 'Run this in a terminal of your own', detail: `${fixCommand}\n\n${detail}` };
  const pressed = await askModally(question, copy);
  if (pressed === copy) await env.clipboard.writeText(fixCommand);
}
