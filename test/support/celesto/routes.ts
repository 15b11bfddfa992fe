import type { IncomingHttpHeaders } from 'node:http';
import { sizes, templates } from './catalogue.ts';
import type { Computer } from './computer.ts';
import { gather, runCommand } from './exec.ts';
import type { Caller, Fleet } from './fleet.ts';
import type { Knobs } from './knobs.ts';
import { codedRefusal, refusal } from './refusals.ts';
import type { Reply } from './reply.ts';
import * as schemas from './schemas.ts';

/** One request, authenticated and taken apart. */
export interface Call {
  readonly caller: Caller;
  /** What stands for `:name` in the route's path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** What routes work on. */
export interface Service {
  readonly fleet: Fleet;
  readonly knobs: Knobs;
}

/** One route: its scope is what a key must have. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly scope: 'computers:read' | 'computers:exec' | 'computers:admin' | 'any key' | 'no key';
  readonly answer: (call: Call, service: Service) => Promise<Reply> | Reply;
}

const ok = (body: unknown, status = 200): Reply => ({ status, body });

function computerOf({ caller, params }: Call, { fleet }: Service): Computer {
  return fleet.find(caller, params['id'] ?? '');
}

/** Answers at once, or when the transition is done. */
async function moved(computer: Computer, { knobs }: Service, change: () => Promise<void>): Promise<Reply> {
  const done = change();
  if (knobs.syncTransitions) await done;
  return ok(computer);
}

async function create({ caller, headers, body }: Call, { fleet }: Service): Promise<Reply> {
  const key = headers['idempotency-key'];
  const client = headers['x-celesto-client'];
  const request = schemas.parsed(schemas.createSchema, body, 'body');
  const origin = client === 'ui' || client === 'mcp' ? client : 'sdk';
  return ok(await fleet.create(caller, request, { idempotencyKey: key?.toString(), origin }), 201);
}

function list({ caller, query }: Call, { fleet }: Service): Reply {
  const { status, template_id, origin, limit } = schemas.parsed(schemas.listQuery, query, 'query');
  const computers = fleet
    .alive(caller.organization)
    .filter((one) => status === undefined || one.status === status)
    .filter((one) => template_id === undefined || (one.request.template_id ?? 'scratch') === template_id)
    .filter(({ identity }) => (origin === undefined ? identity.origin !== 'github_ci' : identity.origin === origin))
    .slice(0, limit);
  return ok({ computers, count: computers.length });
}

function bulkDelete({ caller, body }: Call, { fleet }: Service): Reply {
  const { computer_ids } = schemas.parsed(schemas.bulkDeleteSchema, body, 'body');
  const deleted_ids: string[] = [];
  const failed_ids: string[] = [];
  for (const id of computer_ids) {
    try {
      void fleet.find(caller, id).delete();
      deleted_ids.push(id);
    } catch {
      failed_ids.push(id);
    }
  }
  return ok({ deleted: deleted_ids.length, deleted_ids, failed_ids });
}

function start(call: Call, service: Service): Promise<Reply> {
  const computer = computerOf(call, service);
  service.fleet.mayRun(call.caller);
  return moved(computer, service, () => computer.start());
}

function retryRestore(call: Call, service: Service): Reply {
  const computer = computerOf(call, service);
  if (computer.status !== 'restorable') throw refusal(409, `Computer cannot be restored: it is ${computer.status}`);
  const before = ok(computer.toJSON());
  void computer.restore();
  return before;
}

async function exec(call: Call, service: Service): Promise<Reply> {
  const request = schemas.parsed(schemas.execSchema(service.knobs.execLimit), call.body, 'body');
  return ok(await gather(runCommand(computerOf(call, service), request)));
}

function execStream(call: Call, service: Service): Reply {
  if (!service.knobs.stream) throw refusal(404, 'Not Found');
  const request = schemas.parsed(schemas.execSchema(service.knobs.execLimit), call.body, 'body');
  return { events: runCommand(computerOf(call, service), request) };
}

function commands(call: Call, service: Service): Reply {
  const { limit } = schemas.parsed(schemas.commandsQuery, call.query, 'query');
  const list = computerOf(call, service).history.slice(0, limit);
  return ok({ commands: list, count: list.length });
}

function observability(call: Call, service: Service): Reply {
  schemas.parsed(schemas.observabilityQuery, call.query, 'query');
  const { createdAt } = computerOf(call, service);
  const observed_at = new Date().toISOString();
  const uptime_seconds = Math.round((Date.now() - createdAt.getTime()) / 1000);
  return ok({ latest: { observed_at, stale: false, partial: true, uptime_seconds }, samples: [] });
}

async function publish(call: Call, service: Service): Promise<Reply> {
  const { port } = schemas.parsed(schemas.publishSchema, call.body, 'body');
  return ok(await computerOf(call, service).ports.publish(port));
}

async function unpublish(call: Call, service: Service): Promise<Reply> {
  const { port } = schemas.parsed(schemas.portPath, { port: call.params['port'] }, 'path');
  return ok(await computerOf(call, service).ports.unpublish(port));
}

async function terminal(call: Call, service: Service): Promise<Reply> {
  const request = schemas.parsed(schemas.terminalSchema, call.body, 'body');
  return ok(await computerOf(call, service).terminals.authorize(request?.terminal_id ?? undefined), 201);
}

/** The machines behind the double have no screen. */
function screen(call: Call, service: Service): Reply {
  const computer = computerOf(call, service);
  schemas.parsed(schemas.displaySchema, call.body, 'body');
  computer.running();
  if (computer.request.template_id === 'browser-agent') throw refusal(501, 'Display is not supported on this host');
  throw refusal(409, 'The template of this computer does not support a display');
}

function userInfo(): Reply {
  return ok({
    id: '0b9f7a52-6f0e-4d5c-9a39-3c1d7f0a5e11',
    first_name: 'Local',
    last_name: 'Double',
    email: 'double@celesto.invalid',
    access_suspended: false,
    onboarding_completed: true,
  });
}

function projects({ caller }: Call): Reply {
  const project = { id: 'prj_local', name: 'default', organization_id: caller.organization };
  return ok({ data: [project], count: 1 });
}

const one = '/v1/computers/:id';

/** Every route that a published client of the service uses, literal segments before `:id`. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/computers', scope: 'computers:exec', answer: create },
  { method: 'GET', path: '/v1/computers', scope: 'computers:read', answer: list },
  { method: 'GET', path: '/v1/computers/templates', scope: 'computers:read', answer: () => ok(templates) },
  { method: 'GET', path: '/v1/computers/pilot/status', scope: 'computers:read', answer: () => ok({ enabled: true }) },
  { method: 'POST', path: '/v1/computers/bulk-delete', scope: 'computers:admin', answer: bulkDelete },
  { method: 'GET', path: one, scope: 'computers:read', answer: (call, service) => ok(computerOf(call, service)) },
  {
    method: 'DELETE',
    path: one,
    scope: 'computers:admin',
    answer: (call, service) => {
      const computer = computerOf(call, service);
      return moved(computer, service, () => computer.delete());
    },
  },
  { method: 'POST', path: `${one}/start`, scope: 'computers:exec', answer: start },
  {
    method: 'POST',
    path: `${one}/stop`,
    scope: 'computers:exec',
    answer: (call, service) => {
      const computer = computerOf(call, service);
      return moved(computer, service, () => computer.stop());
    },
  },
  { method: 'POST', path: `${one}/retry-restore`, scope: 'computers:exec', answer: retryRestore },
  { method: 'POST', path: `${one}/exec`, scope: 'computers:exec', answer: exec },
  { method: 'POST', path: `${one}/exec/stream`, scope: 'computers:exec', answer: execStream },
  { method: 'GET', path: `${one}/commands`, scope: 'computers:read', answer: commands },
  { method: 'GET', path: `${one}/observability`, scope: 'computers:read', answer: observability },
  { method: 'POST', path: `${one}/published-ports`, scope: 'computers:exec', answer: publish },
  {
    method: 'GET',
    path: `${one}/published-ports`,
    scope: 'computers:read',
    answer: (call, service) => ok(computerOf(call, service).ports.list()),
  },
  { method: 'DELETE', path: `${one}/published-ports/:port`, scope: 'computers:exec', answer: unpublish },
  { method: 'POST', path: `${one}/terminals`, scope: 'computers:exec', answer: terminal },
  { method: 'POST', path: `${one}/display`, scope: 'computers:exec', answer: screen },
  { method: 'POST', path: `${one}/browser`, scope: 'computers:exec', answer: screen },
  { method: 'GET', path: '/v1/billing/sizes', scope: 'no key', answer: () => ok(sizes) },
  { method: 'GET', path: '/v1/users/info', scope: 'any key', answer: userInfo },
  {
    method: 'GET',
    path: '/v1/organizations/:id',
    scope: 'any key',
    answer: ({ params }) => ok({ id: params['id'], name: 'Local' }),
  },
  { method: 'GET', path: '/v1/projects/', scope: 'any key', answer: projects },
];

/** The route of a request with what its path names. Throws the service's 404 and 405. */
export function findRoute(method: string, path: string): { route: Route; params: Record<string, string> } {
  const matching = routes.flatMap((route) => {
    const params = paramsOf(route.path, path);
    return params === undefined ? [] : [{ route, params }];
  });
  const found = matching.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  throw matching.length > 0 ? refusal(405, 'Method Not Allowed') : refusal(404, 'Not Found');
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':') && value !== '') params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return params;
}

/** Throws the service's 403 where a key lacks what a route needs. */
export function checkScope({ scope }: Route, caller: Caller): void {
  if (scope === 'any key' || scope === 'no key' || caller.scopes.includes(scope)) return;
  throw codedRefusal('api_key_scope_required', { required_scope: scope });
}
