import type { Fix } from '../../shared/view.ts';
import type { FixAction, FixId } from '../problem.ts';

const titles: Record<FixId, string> = {
  'show-command': 'Show Command',
  'run-action': 'Solve Problem',
  'show-setup': 'Check Setup',
  'set-key': 'Set API Key',
  'choose-model': 'Choose Model',
  'choose-sandbox': 'Choose Sandbox',
  'run-agent': 'Run Agent in Sandbox',
  'restart-sandbox': 'Restart Sandbox',
  'resume-sandbox': 'Resume Sandbox',
  'refill-sandbox': 'Start New Sandbox from Last Checkpoint',
  retry: 'Try Again',
  continue: 'Continue',
  'manage-trust': 'Manage Trust',
  'open-folder': 'Open Folder',
  'sign-in': 'Sign In',
  'open-account': 'Open Account',
  'show-computers': 'Show Computers',
  'open-settings': 'Open Settings',
  'open-log': 'Open Log',
};

function isFix(id: string): id is FixId {
  return Object.hasOwn(titles, id);
}

/** What a problem, of today or of an older log, says of its button. */
export interface MaybeFixed {
  readonly fix?: string | undefined;
  readonly fixCommand?: string | undefined;
  readonly fixAction?: FixAction | undefined;
}

/** The button of a problem, with its title; undefined where there is none or an older log names one we do not know. */
export function fixOf({ fix, fixAction, fixCommand }: MaybeFixed): Fix | undefined {
  if (fix === undefined || !isFix(fix)) return undefined;
  return {
    id: fix,
    title: fixAction?.title ?? titles[fix],
    ...(fixCommand === undefined ? {} : { command: fixCommand }),
    ...(fixAction === undefined ? {} : { action: { provider: fixAction.provider, id: fixAction.id } }),
  };
}
