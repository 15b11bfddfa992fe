/** What went wrong, as the product names it; the sentence for people is the problem's own `detail`. */
export type ErrorId =
  | 'sandbox-unavailable'
  | 'sandbox-gone'
  | 'sandbox-lost'
  | 'sandbox-paused'
  | 'sandbox-start-failed'
  | 'sign-in-needed'
  | 'no-permission'
  | 'credit-used-up'
  | 'plan-limit'
  | 'too-many-running'
  | 'rate-limited'
  | 'unreachable'
  | 'service-failed'
  | 'not-started'
  | 'protocol'
  | 'limit'
  | 'aborted'
  | 'deadline'
  | 'unsupported'
  | 'not-found'
  | 'bad-input'
  | 'folder-unavailable'
  | 'storage-failed'
  | 'newer-schema'
  | 'owned-elsewhere'
  | 'upload-failed'
  | 'changed-inside'
  | 'left-inside'
  | 'still-public'
  | 'pull-failed'
  | 'apply-failed'
  | 'model-key-missing'
  | 'model-unauthorised'
  | 'model-unreachable'
  | 'model-rate-limited'
  | 'model-failed'
  | 'max-turns'
  | 'untrusted';

/** The one button that mends a problem; `ui` maps each to an action. */
export type FixId =
  | 'show-command'
  | 'run-action'
  | 'show-setup'
  | 'set-key'
  | 'choose-model'
  | 'choose-sandbox'
  | 'run-agent'
  | 'restart-sandbox'
  | 'resume-sandbox'
  | 'refill-sandbox'
  | 'retry'
  | 'continue'
  | 'manage-trust'
  | 'open-folder'
  | 'sign-in'
  | 'open-account'
  | 'show-computers'
  | 'open-settings'
  | 'open-log';

/** Something that a kind of sandbox offers and that mends a problem, by the ids of both, with its title. */
export interface FixAction {
  readonly provider: string;
  readonly id: string;
  readonly title: string;
}

/** A failure that a person can act on. `delivery` says whether the request can have reached the other side. */
export interface Problem {
  readonly id: ErrorId;
  /** One sentence for people: what happened and what to do. Never holds a key or raw provider output. */
  readonly detail: string;
  readonly delivery: 'never-sent' | 'maybe-sent';
  readonly retryAfterMs?: number;
  readonly fix?: FixId;
  /** An exact command that mends it, shown for copying and never run by us. With the fix `show-command`. */
  readonly fixCommand?: string;
  /** With the fix `run-action`. */
  readonly fixAction?: FixAction;
}

/** Bundles that are loaded apart each hold a copy of the class: an error of any of them is known by this. */
const mark = Symbol.for('airlock.problem');

/** Carries a {@link Problem} through code that throws. */
export class AirlockError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && mark in value;
  }

  readonly [mark] = true;
  override readonly name = 'AirlockError';
  readonly problem: Problem;

  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail, { cause });
    this.problem = problem;
  }
}

/** Builds a {@link Problem}; unless said otherwise the request never left. */
export function problem(id: ErrorId, detail: string, more: Partial<Omit<Problem, 'id' | 'detail'>> = {}): Problem {
  return { id, detail, delivery: 'never-sent', ...more };
}

/** Throws a {@link Problem} as {@link AirlockError}. */
export function fail(id: ErrorId, detail: string, more: Partial<Omit<Problem, 'id' | 'detail'>> = {}): never {
  throw new AirlockError(problem(id, detail, more));
}

/** The problem inside a caught value; anything unexpected becomes `otherwise` with the value's message as detail. */
export function problemOf(caught: unknown, otherwise: ErrorId): Problem {
  if (caught instanceof AirlockError) return caught.problem;
  const message = caught instanceof Error ? caught.message : String(caught);
  return problem(otherwise, message, { delivery: 'maybe-sent' });
}
