import type { Fix } from '../../shared/view.ts';
import type { FixId } from '../problem.ts';

const titles: Record<FixId, string> = {
  'install-bubblewrap': 'How to Install',
  'show-setup': 'Check Setup',
  'set-key': 'Set API Key',
  'choose-model': 'Choose Model',
  'restart-sandbox': 'Restart Sandbox',
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

/** The button of a problem, with its title; undefined where there is none or an older log names one we do not know. */
export function fixOf(problem: { fix?: string | undefined; fixCommand?: string | undefined }): Fix | undefined {
  if (problem.fix === undefined || !isFix(problem.fix)) return undefined;
  const command = problem.fixCommand === undefined ? {} : { command: problem.fixCommand };
  return { id: problem.fix, title: titles[problem.fix], ...command };
}
