import { z } from 'zod';
import { invalid, type Complaint } from './refusals.ts';

/** Statuses that the list can be asked for. */
export const statuses = [
  'creating',
  'running',
  'stopping',
  'stopped',
  'starting',
  'restorable',
  'restoring',
  'deleting',
  'deleted',
  'error',
  'lost',
] as const;

export type ComputerStatus = (typeof statuses)[number];

const mostCommand = 10_000;
const port = z.int().min(1024).max(65_535);

/** Counts characters as the service does: by code point. */
function text(most: number, least = 0) {
  return z.string().check(({ value, issues }) => {
    const length = Array.from(value).length;
    const issue = { origin: 'string', input: value, inclusive: true } as const;
    if (length > most) issues.push({ ...issue, code: 'too_big', maximum: most });
    if (length < least) issues.push({ ...issue, code: 'too_small', minimum: least });
  });
}

/** Body of `POST /v1/computers`. */
export const createSchema = z.object({
  size_id: z.string().nullish(),
  vcpus: z.int().min(1).max(16).nullish(),
  ram_mb: z.int().min(512).max(32_768).nullish(),
  disk_size_mb: z.int().min(512).max(20_480).nullish(),
  image: text(255).default('ubuntu-desktop-24.04'),
  template_id: text(64).nullish(),
  template_version: text(128).nullish(),
  network_policy: z.strictObject({ mode: z.enum(['open', 'off']).default('open') }).default({ mode: 'open' }),
  external_volume_enabled: z.boolean().default(false),
});

/** Body of both exec routes. */
export function execSchema(limit: 'strict' | 'off') {
  const most = limit === 'strict' ? mostCommand : Number.POSITIVE_INFINITY;
  return z.object({ command: text(most, 1), timeout: z.int().min(1).max(300).default(30) });
}

export const publishSchema = z.object({ port: port.default(8000), force: z.boolean().default(false) });

export const terminalSchema = z
  .object({
    terminal_id: text(160, 6)
      .regex(/^term_[A-Za-z0-9_-]+$/)
      .nullish(),
  })
  .nullish();

export const displaySchema = z.object({ mode: z.enum(['read_only', 'read_write']).default('read_only') }).nullish();

export const bulkDeleteSchema = z.object({ computer_ids: z.array(z.string()).min(1).max(100) });

const count = z.coerce.number().pipe(z.int().min(1).max(200)).default(50);

export const listQuery = z.object({
  status: z.enum(statuses).optional(),
  template_id: text(64).optional(),
  project_id: text(36).optional(),
  origin: z.enum(['ui', 'sdk', 'mcp', 'github_ci', 'template_build']).optional(),
  limit: count,
});

export const commandsQuery = z.object({ limit: count });
export const observabilityQuery = z.object({ window: z.enum(['1h', '24h']).default('1h') });
export const portPath = z.object({ port: z.coerce.number().pipe(port) });

/** Reads what a caller sent. Throws the service's 422 with every complaint. */
export function parsed<T>(schema: z.ZodType<T>, sent: unknown, where: 'body' | 'query' | 'path'): T {
  const read = schema.safeParse(sent);
  if (read.success) return read.data;
  throw invalid(read.error.issues.map((issue) => complaint(issue, sent, where)));
}

function complaint(issue: z.core.$ZodIssue, sent: unknown, where: string): Complaint {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const value = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | null)?.[part], sent);
  return { loc: [where, ...path], ...wording(issue, value, where) };
}

function wording(issue: z.core.$ZodIssue, value: unknown, where: string): Pick<Complaint, 'msg' | 'type'> {
  if (value === undefined) return { type: 'missing', msg: 'Field required' };
  switch (issue.code) {
    case 'too_small':
      return bound(issue.origin, 'least', Number(issue.minimum));
    case 'too_big':
      return bound(issue.origin, 'most', Number(issue.maximum));
    case 'invalid_type':
      return typeComplaint(issue.expected, where);
    case 'invalid_value':
      return {
        type: 'literal_error',
        msg: `Input should be ${issue.values.map((one) => `'${String(one)}'`).join(' or ')}`,
      };
    case 'invalid_format':
      return { type: 'string_pattern_mismatch', msg: 'String should match the pattern' };
    case 'unrecognized_keys':
      return { type: 'extra_forbidden', msg: 'Extra inputs are not permitted' };
    default:
      return { type: 'value_error', msg: issue.message };
  }
}

function bound(origin: string, side: 'least' | 'most', limit: number): Pick<Complaint, 'msg' | 'type'> {
  const least = side === 'least';
  if (origin === 'string') {
    const type = least ? 'string_too_short' : 'string_too_long';
    return { type, msg: `String should have at ${side} ${limit} characters` };
  }
  if (origin === 'array')
    return { type: least ? 'too_short' : 'too_long', msg: `List should have at ${side} ${limit} items` };
  const type = least ? 'greater_than_equal' : 'less_than_equal';
  return { type, msg: `Input should be ${least ? 'greater' : 'less'} than or equal to ${limit}` };
}

function typeComplaint(expected: string, where: string): Pick<Complaint, 'msg' | 'type'> {
  if (expected === 'int' || expected === 'number') {
    return { type: where === 'body' ? 'int_type' : 'int_parsing', msg: 'Input should be a valid integer' };
  }
  if (expected === 'string') return { type: 'string_type', msg: 'Input should be a valid string' };
  if (expected === 'boolean') return { type: 'bool_type', msg: 'Input should be a valid boolean' };
  return { type: 'model_attributes_type', msg: 'Input should be a valid dictionary or object to extract fields from' };
}
