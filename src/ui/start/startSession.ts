import type { Session } from '../../core/session/api.ts';
import type { OpenFolder } from '../parts.ts';
import type { Services } from '../services.ts';
import { readProviderSettings } from '../settings.ts';
import type { AskedBy } from './asked.ts';
import { pickFolder } from './folders.ts';
import { hydrate } from './hydrate.ts';
import { agreedToolchains } from './toolchains.ts';

/**
 * From nothing to a sandbox that holds a copy of the folder: folder, kind of sandbox, tools, list, agreement, upload.
 * Undefined where the person stopped on the way.
 */
export async function startSession(services: Services, by: AskedBy): Promise<Session | undefined> {
  const folder = await pickFolder();
  const session = folder && (await createSession(services, folder));
  if (session === undefined) return undefined;
  await services.active.show(session);
  if (await hydrate(session, services, by)) return session;
  if (services.active.current === session) await services.active.show(undefined);
  return undefined;
}

async function createSession(services: Services, folder: OpenFolder): Promise<Session | undefined> {
  const { parts, sandboxes, setting, taste } = services;
  const provider = await sandboxes.forFolder(folder.uri);
  if (provider === undefined) return undefined;
  const settings = readProviderSettings(provider, setting);
  const toolchains = await agreedToolchains(provider, folder.uri, taste);
  if (toolchains === undefined) return undefined;
  const localFolder = await parts.localFolder(folder);
  const sessions = await parts.sessions();
  return await sessions.create({ provider, folder: localFolder, settings, toolchains, title: folder.name });
}
