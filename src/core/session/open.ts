import type { SessionId } from '../../shared/ids.ts';
import type { AgentRunner } from '../agent.ts';
import { createComputers } from '../computers/index.ts';
import { fail } from '../problem.ts';
import type { Forwarding } from '../ports/forwarding.ts';
import type { Provider } from '../sandbox.ts';
import type { Applier, Ledger, LocalFolder, Onlooker, OwnerLease, OwnerLeases, SessionStore } from '../storage.ts';
import type { Session } from './api.ts';
import { OwnedSession } from './ownedSession.ts';
import type { Presence } from './presence.ts';
import { RecordKeeper } from './recordKeeper.ts';
import { Recorder } from './recorder.ts';
import { Review } from './review.ts';
import { serveOnlookers } from './serve.ts';
import { takeAll } from './takeAll.ts';
import { Tidy } from './tidy.ts';
import { SessionNetwork } from './sessionNetwork.ts';
import { WatchedSession } from './watchedSession.ts';
import { WorkspaceSync } from './workspaceSync.ts';

/** What sessions are built on: this machine's storage, the kinds of sandbox and the agent. */
export interface SessionServices {
  readonly store: SessionStore;
  readonly ledger: Ledger;
  readonly owners: OwnerLeases;
  readonly providers: readonly Provider[];
  readonly agent: AgentRunner;
  /** Opens listeners on this machine that lead to ports of sandboxes. */
  readonly forwarding: Forwarding;
  /** The writer of one session's applies into one folder, with its journal in the session's own folder. */
  applier(sessionFolder: string, folder: LocalFolder): Applier;
  /** Absent: what is opened here is let go of by whoever opened it alone. */
  readonly presence?: Presence;
  readonly log: (line: string) => void;
  /** Bytes from which on a session's store is swept; absent: a size at which it is worth it. */
  readonly sweepFrom?: number;
}

/** Opens a session as its owner and finds out what is true of it. Where that fails, the lease is let go of again. */
export async function openOwned(
  services: SessionServices,
  id: SessionId,
  folder: LocalFolder | undefined,
  lease: OwnerLease,
  closed: () => Promise<void>,
): Promise<Session> {
  const held: (() => Promise<void>)[] = [() => lease.release()];
  try {
    const session = await openParts(services, id, folder, lease, closed, held);
    await session.restore(new AbortController().signal);
    serveOnlookers(lease, session, services);
    return session;
  } catch (error) {
    for (const letGo of held.toReversed()) await letGo().catch((failure: unknown) => services.log(String(failure)));
    throw error;
  }
}

/** `held`: what must be let go of where opening fails, in the order in which it was taken. */
async function openParts(
  services: SessionServices,
  id: SessionId,
  folder: LocalFolder | undefined,
  lease: OwnerLease,
  closed: () => Promise<void>,
  held: (() => Promise<void>)[],
): Promise<OwnedSession> {
  const { store, ledger, agent, forwarding, log } = services;
  const stored = (await store.read(id)) ?? fail('not-found', 'This session no longer exists.');
  if (folder && folder.uri !== stored.root) fail('bad-input', 'This session belongs to another folder. Open that one.');
  const provider =
    services.providers.find((one) => one.id === stored.provider) ??
    fail('unsupported', `This Airlock has no sandboxes of the kind “${stored.provider}”.`);
  const keeper = new RecordKeeper(store, { ...stored, epoch: lease.epoch });
  const blobs = await store.openBlobs(id);
  held.push(() => blobs.close());
  const recorder = new Recorder(await store.openLog(id));
  held.push(() => recorder.close());
  const sync = await WorkspaceSync.open({ keeper, recorder, blobs, folder });
  const applier = folder ? services.applier(store.folder(id), folder) : undefined;
  const review = await Review.open({ recorder, blobs, folder, sync, applier });
  const tidy = new Tidy(
    {
      keeper,
      blobs,
      sync,
      applier,
      events: () => recorder.events,
      reviewed: () => review.onScreen,
    },
    services.sweepFrom,
  );
  const release = () => takeAll([() => keeper.saved(), () => blobs.close(), () => lease.release(), closed]);
  const removeFiles = async () => {
    await store.remove(id);
    await closed();
  };
  const session = new OwnedSession({
    keeper,
    recorder,
    ledger,
    provider,
    agent,
    folder,
    sync,
    review,
    tidy,
    forwarding,
    log,
    ownerOf: async (computer) => await createComputers(services).owner(provider, computer, id),
    network: new SessionNetwork(id, recorder),
    release,
    removeFiles,
  });
  held.push(() => session.ports.close());
  return session;
}

/** Opens a session that another window owns: it can be watched, not changed. */
export async function openWatched(
  services: SessionServices,
  id: SessionId,
  folder: LocalFolder | undefined,
  onlooker: Onlooker,
  closed: () => Promise<void>,
): Promise<Session> {
  try {
    const record = (await services.store.read(id)) ?? fail('not-found', 'This session no longer exists.');
    const provider = services.providers.find((one) => one.id === record.provider);
    const closedOrLogged = () => closed().catch((error: unknown) => services.log(String(error)));
    return WatchedSession.open(record, provider, folder, onlooker, closedOrLogged);
  } catch (error) {
    onlooker.close();
    throw error;
  }
}
