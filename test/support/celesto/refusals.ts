/** An answer that is no success: what the service says in words and by status. */
export class Refusal extends Error {
  readonly status: number;
  /** Sent as JSON, or, where it is a string, as it is. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** The ordinary form of an error: `{"detail": "<text>"}`. */
export function refusal(status: number, detail: string): Refusal {
  return new Refusal(status, { detail });
}

const statusOf = {
  trial_expired: 402,
  trial_credit_depleted: 402,
  prepaid_credit_depleted: 402,
  trial_not_started: 402,
  usage_subscription_required: 402,
  prepaid_credit_required: 402,
  payment_failed: 402,
  payment_pending: 402,
  api_key_scope_required: 403,
  organization_access_denied: 403,
  api_key_endpoint_not_allowed: 403,
  trial_micro_only: 403,
  promotional_size_not_allowed: 403,
  concurrency_limit_reached: 429,
  trial_retained_sandbox_limit_reached: 429,
} as const;

/** Why an account may not do something, as `detail.error_code` names it. */
export type RefusalCode = keyof typeof statusOf;

export const refusalCodes = Object.keys(statusOf) as readonly RefusalCode[];

/** The form of an error that an account's plan, credit, limits or scopes cause. */
export function codedRefusal(code: RefusalCode, more: Readonly<Record<string, unknown>> = {}): Refusal {
  return new Refusal(statusOf[code], { detail: { error_code: code, ...more } });
}

/** One complaint about a request, in the words of the service. */
export interface Complaint {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** 422 in the envelope of the computers routes. */
export function invalid(errors: readonly Complaint[]): Refusal {
  return new Refusal(422, { detail: 'Validation error', errors, status_code: 422 });
}
