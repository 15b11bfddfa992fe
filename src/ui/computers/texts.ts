import type { Computer, Owner } from '../../core/computers/index.ts';
import type { Provider } from '../../core/sandbox.ts';
import type { SessionSummary } from '../../shared/view.ts';
import type { Question } from '../dialogs.ts';
import { age, count } from '../words.ts';

/** `Celesto, 1 CPU, 1024 MiB memory, running, 3 h old`. */
function described({ ageMs, detail, provider }: Computer): string {
  const old = ageMs === undefined ? [] : [`${age(ageMs) === 'now' ? 'less than a minute' : age(ageMs)} old`];
  return [provider.title, ...(detail === undefined ? [] : [detail]), ...old].join(', ');
}

/** What the native dialog says before a computer is taken over for a folder. */
export function attachQuestion(computer: Computer, folder: string): Question {
  return {
    message: `Attach “${computer.title}” to the folder “${folder}”?`,
    detail: [
      `${described(computer)}. It is started if it is stopped${computer.local === true ? '' : ', which may cost money'}.`,
      `What it holds is taken in and compared with “${folder}”. Nothing is written there, and nothing of it is sent, before you agree to that.`,
      'The comparison is two-way: what both had before is not known. Where they differ it cannot be told which is newer.',
      'Ending the session lets go of the computer; it lives on.',
    ].join('\n\n'),
  };
}

/** What becomes of an attached computer when its session ends, after “then”. */
export function letGoWords(provider: Pick<Provider, 'accountUrl'> | undefined): string {
  // A bill goes to an account.
  const cost = provider?.accountUrl === undefined ? '' : ' and may cost money';
  return `it lets go of its computer, which goes on running${cost}`;
}

function whoMadeIt(owner: Owner | undefined): string {
  if (owner === undefined) return 'It was not started from this machine: somebody may be at work in it.';
  if (owner.kind === 'unreadable')
    return 'It belongs to a session of this machine that cannot be read: its record is damaged, or of a newer Airlock.';
  return owner.kind === 'leftover'
    ? 'It was started from this machine, by a session that is no more.'
    : 'It may be the one that this machine asked for a moment ago, for a session that is just starting.';
}

/** One of this machine was not started elsewhere. */
const looseText = 'No session works with it; something else on this machine may.';

/** What the native dialog says before a computer is deleted that no session works with. */
export function deleteQuestion(computer: Computer): Question {
  const isLoose = computer.local === true && computer.owner === undefined;
  const who = isLoose ? looseText : whoMadeIt(computer.owner);
  return {
    message: `Delete the computer “${computer.title}”?`,
    detail: `${described(computer)}. ${who}\n\nAll that it holds is lost: nothing of it is taken in first.`,
  };
}

/** What the native dialog says before a computer is deleted that a session works with. */
export function deleteOwnQuestion(computer: Computer, session: SessionSummary): Question {
  const pending = session.changes === 0 ? '' : ` Not taken home yet: ${count(session.changes, 'change')}.`;
  return {
    message: `End “${session.title}” and delete its computer “${computer.title}”?`,
    detail:
      `${described(computer)}. It belongs to your session “${session.title}” of the folder “${session.folder}”.\n\n` +
      `Its last changes are taken in first; transcript and pending changes stay here.${pending} ` +
      'Whatever else the computer holds is lost, such as what is installed or running in it.',
  };
}
