import { withoutButton } from '../core/session/notices.ts';
import { problemOf, type Problem } from '../core/problem.ts';
import { fixOf } from '../core/session/fixes.ts';
import type { PanelState, SessionSummary, TranscriptItem } from '../shared/view.ts';
import type { ResolvedModel } from './model.ts';
import { whyNotReady, type Kind } from './start/kinds.ts';
import { isBusy, isOver } from './statuses.ts';

/** What the panel's state is made of. */
export interface PanelFacts {
  readonly window: Problem | undefined;
  readonly session: SessionSummary | undefined;
  readonly transcript: readonly TranscriptItem[];
  readonly model: () => ResolvedModel;
  /** Where the next session would run; undefined before anybody looked. */
  readonly kind: Kind | Problem | undefined;
  readonly isSending: boolean;
  readonly draft: string;
}

/** The panel's state: what is shown, what may be done, and why nothing may where that is so. */
export function panelState(facts: PanelFacts): PanelState {
  const model = modelOf(facts.model);
  const why = whyNot(facts, model.problem);
  const status = facts.session?.status;
  const isWaiting = facts.isSending || (status !== undefined && isBusy(status));
  return {
    ...(why === undefined ? {} : { blocked: blockedOf(why) }),
    ...(facts.session === undefined ? {} : { session: facts.session }),
    transcript: shownItems(facts.transcript, facts.session),
    model: { name: model.name, host: model.host },
    sandbox: sandboxOf(facts.kind),
    canSend: why === undefined && !isWaiting,
    canStop: status === 'working',
    canContinue: status === 'interrupted' && why === undefined && !isWaiting,
    draft: facts.draft,
  };
}

/** Items as the panel shows them: what only looks on is offered no button that it could not press. */
export function shownItems(items: readonly TranscriptItem[], session: SessionSummary | undefined): TranscriptItem[] {
  const looksOn = session?.elsewhere === true || session?.readOnly !== undefined;
  return items.map((item) => (looksOn && item.kind === 'notice' ? withoutButton(item) : item));
}

/** A problem as the panel shows it: the sentence and at most one button. */
function blockedOf(problem: Problem): NonNullable<PanelState['blocked']> {
  const fix = fixOf(problem);
  return { text: problem.detail, ...(fix === undefined ? {} : { fix }) };
}

function whyNot({ window, session, kind }: PanelFacts, model: Problem | undefined): Problem | undefined {
  if (session?.readOnly !== undefined) return refused('newer-schema', session.readOnly);
  if (session?.elsewhere === true) {
    return refused('owned-elsewhere', 'Another window works with this session. You can watch it here.');
  }
  if (window !== undefined) return window;
  const goesOn = session !== undefined && !isOver(session.status);
  return (!goesOn && kind !== undefined ? whyNotReady(kind) : undefined) ?? model;
}

function refused(id: Problem['id'], detail: string): Problem {
  return { id, detail, delivery: 'never-sent' };
}

function modelOf(resolve: () => ResolvedModel): { name: string; host: string; problem?: Problem } {
  try {
    const { choice, host } = resolve();
    return { name: choice.name, host };
  } catch (error) {
    return { name: '', host: '', problem: problemOf(error, 'bad-input') };
  }
}

function sandboxOf(kind: Kind | Problem | undefined): PanelState['sandbox'] {
  if (kind === undefined || !('probe' in kind)) return { title: '', isolation: '' };
  return { title: kind.provider.title, isolation: kind.provider.isolation };
}
