import assert from 'node:assert/strict';
import type { ErrorId, FixId } from '../../../../src/core/problem.ts';
import { isRateLimit, refusalProblem } from '../../../../src/sandbox/celesto/api/problems.ts';

/** Status, body, and what is made of them: id, button, words of the sentence. */
const rows: readonly (readonly [number, unknown, ErrorId, FixId | undefined, RegExp])[] = [
  [400, { detail: 'port is reserved' }, 'bad-input', 'open-log', /refused/],
  [401, { detail: 'Invalid API key' }, 'sign-in-needed', 'sign-in', /API key/],
  [402, { detail: { error_code: 'trial_expired' } }, 'credit-used-up', 'open-account', /used up/],
  [402, { detail: { error_code: 'trial_not_started' } }, 'credit-used-up', 'open-account', /no plan/],
  [402, { detail: { error_code: 'payment_failed' } }, 'credit-used-up', 'open-account', /payment/],
  [402, { detail: { error_code: 'something_new' } }, 'credit-used-up', 'open-account', /plan or credit/],
  [
    403,
    { detail: { error_code: 'api_key_scope_required', required_scope: 'computers:admin' } },
    'no-permission',
    'sign-in',
    /computers:admin/,
  ],
  [
    403,
    { detail: { error_code: 'api_key_scope_required', required_scope: '<b>' } },
    'no-permission',
    'sign-in',
    /lacks a permission/,
  ],
  [403, { detail: { error_code: 'organization_access_denied' } }, 'no-permission', 'sign-in', /organization/],
  [403, { detail: { error_code: 'api_key_endpoint_not_allowed' } }, 'no-permission', 'sign-in', /kind/],
  [403, { detail: { error_code: 'trial_micro_only' } }, 'plan-limit', 'open-settings', /size/],
  [403, { detail: 'Account suspended. Contact support.' }, 'no-permission', 'open-account', /suspended/],
  [403, { detail: 'Insufficient permissions. Required: write' }, 'no-permission', 'sign-in', /may not/],
  [404, { detail: 'Computer not found' }, 'not-found', undefined, /no such computer/],
  [409, { detail: 'The sandbox is still starting' }, 'not-started', 'retry', /state/],
  [
    422,
    { detail: 'Validation error', errors: [{ loc: ['body', 'ram_mb'] }], status_code: 422 },
    'bad-input',
    'open-settings',
    /ram_mb/,
  ],
  [422, { detail: [{ loc: ['query', 'limit'], msg: 'x', type: 'y' }] }, 'bad-input', 'open-settings', /limit/],
  [
    429,
    { detail: { error_code: 'concurrency_limit_reached', running_limit: 3 } },
    'too-many-running',
    'show-computers',
    /^3 computers/,
  ],
  [
    429,
    { detail: { error_code: 'trial_retained_sandbox_limit_reached' } },
    'plan-limit',
    'show-computers',
    /one computer/,
  ],
  [429, { detail: 'Too many requests' }, 'rate-limited', 'retry', /pause/],
  [501, {}, 'unsupported', undefined, /does not offer/],
  [500, '<html>oops</html>', 'service-failed', 'retry', /\(500\)/],
  [502, '', 'service-failed', 'retry', /\(502\)/],
  [418, { message: 'x' }, 'service-failed', 'retry', /\(418\)/],
];

describe('what the service refuses', () => {
  for (const [status, body, id, fix, words] of rows) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    it(`is told as ${id}: ${status} ${text.slice(0, 60)}`, () => {
      const found = refusalProblem({ status, body: text });
      assert.deepEqual([found.id, found.fix], [id, fix]);
      assert.match(found.detail, words);
      assert.match(found.detail, /^[A-Z0-9].*\.$/);
      assert.equal(found.delivery, status >= 500 && status !== 501 ? 'maybe-sent' : 'never-sent');
    });
  }

  it('never shows what a body says', () => {
    const body = JSON.stringify({
      detail: { error_code: '<img>', required_scope: 'a b' },
      message: 'EVIL',
      error: 'EVIL',
    });
    for (const status of [400, 401, 403, 409, 422, 500]) {
      assert.doesNotMatch(refusalProblem({ status, body }).detail, /EVIL|img|a b/);
    }
  });

  it('tells a limit of the plan from a rate limit', () => {
    assert.equal(isRateLimit({ status: 429, body: '{"detail":"slow down"}' }), true);
    assert.equal(isRateLimit({ status: 429, body: '{"detail":{"error_code":"concurrency_limit_reached"}}' }), false);
    assert.equal(refusalProblem({ status: 429, body: '', retryAfterMs: 5000 }).retryAfterMs, 5000);
  });
});
