import { z } from 'zod';
import { type ErrorId, type FixId, problem, type Problem } from '../../../core/problem.ts';

/** What a refusal of the service says, as far as it is understood. Its texts are used to tell cases apart, never shown. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs?: number;
}

const objectShape = z.looseObject({
  error_code: z.string().optional().catch(undefined),
  required_scope: z.string().optional().catch(undefined),
  running_limit: z.number().optional().catch(undefined),
});
const bodyShape = z.looseObject({
  detail: z.unknown(),
  message: z.unknown().optional(),
  error: z.unknown().optional(),
  errors: z
    .array(z.looseObject({ loc: z.array(z.union([z.string(), z.number()])).catch([]) }))
    .max(100)
    .optional()
    .catch(undefined),
});

/** The parts of a body that decide what is said. */
interface Told {
  readonly code: string | undefined;
  readonly text: string;
  readonly scope: string | undefined;
  readonly limit: number | undefined;
  readonly fields: readonly string[];
}

type Said = readonly [id: ErrorId, detail: string, fix?: FixId];

const byCode: Readonly<Record<string, (told: Told) => Said>> = {
  ...each(['trial_expired', 'trial_credit_depleted', 'prepaid_credit_depleted'], () => [
    'credit-used-up',
    'The credit of your Celesto account is used up.',
    'open-account',
  ]),
  ...each(['trial_not_started', 'usage_subscription_required'], () => [
    'credit-used-up',
    'Your Celesto account has no plan yet: start the trial or choose a plan.',
    'open-account',
  ]),
  ...each(['prepaid_credit_required', 'payment_failed', 'payment_pending'], () => [
    'credit-used-up',
    'A payment of your Celesto account is open: complete it.',
    'open-account',
  ]),
  api_key_scope_required: ({ scope }) => [
    'no-permission',
    `This API key lacks ${scope === undefined ? 'a permission' : `the permission ${scope}`}: use another key.`,
    'sign-in',
  ],
  organization_access_denied: () => ['no-permission', 'This API key belongs to another organization.', 'sign-in'],
  api_key_endpoint_not_allowed: () => [
    'no-permission',
    'This API key is of a kind that may not use computers.',
    'sign-in',
  ],
  ...each(['trial_micro_only', 'promotional_size_not_allowed'], () => [
    'plan-limit',
    'Your plan does not cover a computer of this size: ask for a smaller one.',
    'open-settings',
  ]),
  concurrency_limit_reached: ({ limit }) => [
    'too-many-running',
    `${limit === undefined ? 'As many' : `${limit}`} computers run as your plan allows: stop or delete one.`,
    'show-computers',
  ],
  trial_retained_sandbox_limit_reached: () => [
    'plan-limit',
    'The trial allows one computer, stopped ones included: delete the other one.',
    'show-computers',
  ],
};

function each(codes: readonly string[], said: (told: Told) => Said): Record<string, (told: Told) => Said> {
  return Object.fromEntries(codes.map((code) => [code, said]));
}

const byStatus: Readonly<Record<number, (told: Told) => Said>> = {
  400: () => ['bad-input', 'Celesto refused the request.', 'open-log'],
  401: () => ['sign-in-needed', 'Celesto does not accept the API key.', 'sign-in'],
  402: () => ['credit-used-up', 'The plan or credit of your Celesto account does not allow this.', 'open-account'],
  403: ({ text }) =>
    /suspended/i.test(text)
      ? ['no-permission', 'Your Celesto account is suspended.', 'open-account']
      : ['no-permission', 'This API key may not do this: use another key.', 'sign-in'],
  404: () => ['not-found', 'Celesto knows no such computer: it was deleted, or belongs to another account.'],
  409: () => ['not-started', 'The computer is in a state that does not allow this now.', 'retry'],
  422: ({ fields }) => [
    'bad-input',
    `Celesto refused ${fields.length === 0 ? 'a value' : `the value of ${fields.join(', ')}`}.`,
    'open-settings',
  ],
  429: () => ['rate-limited', 'Celesto asks for a pause: too many requests.', 'retry'],
  501: () => ['unsupported', 'Celesto does not offer this for the computer.'],
};

/** The problem behind an answer that is no success, with its own sentence and one fix. */
export function refusalProblem(refusal: Refusal): Problem {
  const { status, retryAfterMs } = refusal;
  const told = read(refusal.body);
  const known = told.code === undefined ? undefined : byCode[told.code];
  const say = known ?? byStatus[status] ?? (() => serverFailed(status));
  const [id, detail, fix] = say(told);
  return problem(id, detail, {
    delivery: status >= 500 && status !== 501 ? 'maybe-sent' : 'never-sent',
    ...(fix === undefined ? {} : { fix }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** True for the refusal that a pause mends, as told apart from a plan's limit on running computers. */
export function isRateLimit(refusal: Refusal): boolean {
  return refusal.status === 429 && read(refusal.body).code === undefined;
}

function serverFailed(status: number): Said {
  return ['service-failed', `Celesto failed (${status}).`, 'retry'];
}

function read(body: string): Told {
  const nothing = { code: undefined, text: '', scope: undefined, limit: undefined, fields: [] };
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return nothing;
  }
  const shape = bodyShape.safeParse(parsed);
  if (!shape.success) return nothing;
  const { detail, message, error, errors } = shape.data;
  const list = Array.isArray(detail) ? bodyShape.shape.errors.parse(detail) : errors;
  const object = objectShape.safeParse(detail);
  const text = [detail, message, error].find((part) => typeof part === 'string');
  return {
    code: object.success ? object.data.error_code : undefined,
    text: typeof text === 'string' ? text.slice(0, 500) : '',
    scope: cleanWord(object.data?.required_scope),
    limit: object.data?.running_limit,
    fields: (list ?? []).flatMap(({ loc }) => cleanWord(String(loc.at(-1) ?? '')) ?? []),
  };
}

function cleanWord(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w:.-]{1,64}$/.test(text) ? text : undefined;
}
