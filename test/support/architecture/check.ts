import { isBuiltin } from 'node:module';
import { mayImport, modules, programModules, providerOf, roomOf, startsPrograms, type Room } from './rooms.ts';
import { importsOf, stringsOf, type Import, type Source } from './sources.ts';

const mostLines = 300;
const notifies = 'src/ui/notify.ts';
const asks = 'src/ui/dialogs.ts';

/** Checks the project's rules of structure and says, a sentence each, where they are broken. */
export function check(sources: readonly Source[]): string[] {
  const inSrc = sources.filter(({ path }) => path.startsWith('src/'));
  const code = inSrc.filter(({ path }) => path.endsWith('.ts'));
  const imports = new Map(code.map((source) => [source.path, importsOf(source)]));
  return [
    ...sources.flatMap(tooLong),
    ...[...imports].flatMap(([path, list]) => list.flatMap((one) => wrongImport(path, one))),
    ...cycles(imports),
    ...providersNamed(code),
    ...code.filter(notifiesByItself).map(({ path }) => `${path} shows a message without ${notifies}`),
    ...inSrc.filter(({ text }) => /\bdemos?\b/i.test(text)).map(({ path }) => `${path} knows of a demo`),
  ];
}

/** Notifications draw links that run commands: what is shown in one passes one place that takes them out. */
function notifiesByItself({ path, text }: Source): boolean {
  const isAllowed = path === notifies || path === asks;
  return !isAllowed && /\bshow(Error|Warning|Information)Message\b/.test(text);
}

function tooLong({ path, text }: Source): string[] {
  const lines = text.split('\n').length - 1;
  return lines > mostLines ? [`${path} has ${lines} lines, more than ${mostLines}`] : [];
}

function wrongImport(path: string, one: Import): string[] {
  const room = roomOf(path);
  if (room === undefined) return [`${path} lies in no room`];
  if ('module' in one) return mayUse(path, room, one.module) ? [] : [`${path} (${room}) imports ${one.module}`];
  return mayReach(path, room, one.file) ? [] : [`${path} (${room}) imports ${one.file}`];
}

function mayReach(from: string, room: Room, to: string): boolean {
  const target = roomOf(to);
  if (target === undefined) return false;
  if (target !== room) return mayImport[room].includes(target);
  const provider = providerOf(to);
  return room !== 'sandbox' || provider === undefined || provider === providerOf(from);
}

function mayUse(path: string, room: Room, name: string): boolean {
  const isOneOf = (list: readonly string[]) => list.some((entry) => name === entry || name.startsWith(`${entry}/`));
  const rule = modules[room];
  if ('node' in rule) return isBuiltin(name);
  if (room === 'host' && path !== startsPrograms && isOneOf(programModules)) return false;
  return 'only' in rule ? isOneOf(rule.only) : !isOneOf(rule.never);
}

/** What is drawn comes from the descriptor, so the rooms that draw never compare or print a provider's id. */
function providersNamed(code: readonly Source[]): string[] {
  const ids = new Set(code.map(({ path }) => providerOf(path)).filter((id) => id !== undefined));
  return code
    .filter(({ path }) => ['ui', 'webview'].includes(roomOf(path) ?? ''))
    .flatMap((source) =>
      stringsOf(source)
        .filter((text) => ids.has(text))
        .map((id) => `${source.path} names the provider ${id}`),
    );
}

/** Follows imports depth first; meeting a file that is still open closes a circle. */
function cycles(imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const open: string[] = [];
  const walk = (path: string): void => {
    if (open.includes(path)) found.push(`a cycle: ${[...open.slice(open.indexOf(path)), path].join(' -> ')}`);
    if (open.includes(path) || done.has(path)) return;
    open.push(path);
    for (const one of imports.get(path) ?? []) if ('file' in one) walk(one.file);
    open.pop();
    done.add(path);
  };
  for (const path of imports.keys()) walk(path);
  return found;
}
