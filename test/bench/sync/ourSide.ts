import { join } from 'node:path';
import { z } from 'zod';
import { RecordKeeper } from '../../../src/core/session/recordKeeper.ts';
import { Recorder } from '../../../src/core/session/recorder.ts';
import { sessionSchema } from '../../../src/core/session/events.ts';
import { WorkspaceSync } from '../../../src/core/session/workspaceSync.ts';
import type { PlanOptions } from '../../../src/core/session/api.ts';
import type { Provider, Sandbox } from '../../../src/core/sandbox.ts';
import { hostServices, thisMachine } from '../../../src/host/index.ts';
import { celestoProvider } from '../../../src/sandbox/celesto/index.ts';
import { mintId, type SessionId } from '../../../src/shared/ids.ts';
import { guestPath } from '../../../src/core/paths.ts';
import type { Service } from './raw.ts';

const stateShape = z.object({ computerId: z.string() });
const { signal } = new AbortController();
const plan: PlanOptions = { included: new Set(), signal };

/** One session's sync as the extension builds it: on storage of its own, with a hosted computer at a double. */
export class OurSide {
  readonly computer: string;
  readonly sandbox: Sandbox;
  readonly sync: WorkspaceSync;
  readonly #provider: Provider;
  readonly #close: () => Promise<void>;

  private constructor(provider: Provider, sandbox: Sandbox, sync: WorkspaceSync, close: () => Promise<void>) {
    this.#provider = provider;
    this.computer = computerOf(sandbox);
    this.sandbox = sandbox;
    this.sync = sync;
    this.#close = close;
  }

  static async open(service: Service, source: string, storage: string): Promise<OurSide> {
    const host = await hostServices({ storageRoot: storage, machine: thisMachine(), trusted: () => true });
    const session = mintId('session');
    const provider = providerAt(service, join(storage, 'computers'));
    const sandbox = await newSandbox(provider, session);
    const folder = host.folder({ uri: `file://${source}`, path: source, name: 'source' });
    await host.store.create({
      schema: sessionSchema,
      id: session,
      title: 'Bench',
      provider: provider.id,
      root: folder.uri,
      slug: 'source',
      createdAt: Date.now(),
      updatedAt: Date.now(),
      epoch: 0,
      settings: {},
      toolchains: [],
      dependencies: [],
      summary: { status: 'new', changes: 0 },
    });
    const record = await host.store.read(session);
    if (record === undefined) throw new Error('The session was not stored.');
    const blobs = await host.store.openBlobs(session);
    const recorder = new Recorder(await host.store.openLog(session));
    const keeper = new RecordKeeper(host.store, record);
    const sync = await WorkspaceSync.open({ keeper, recorder, blobs, folder });
    return new OurSide(provider, sandbox, sync, async () => {
      await sandbox.delete(signal);
      await recorder.close();
      await blobs.close();
    });
  }

  /** Lists the folder, sends all of it in and prepares it for work. Answers the milliseconds of each. */
  async hydrate(): Promise<{ readonly listing: number; readonly copying: number; readonly preparing: number }> {
    const begun = performance.now();
    const manifest = await this.sync.planUpload(this.#provider, plan);
    const listed = performance.now();
    let copied = listed;
    await this.sync.hydrate(
      this.sandbox,
      manifest,
      ({ title }) => {
        if (title === 'Preparing the workspace') copied = performance.now();
      },
      signal,
    );
    return { listing: listed - begun, copying: copied - listed, preparing: performance.now() - copied };
  }

  /** Takes in what changed inside; answers the number of files that it differs in from what was sent. */
  async pull(): Promise<number> {
    await this.sync.pull(this.sandbox, signal);
    const { theirs, ancestor } = this.sync;
    return [...theirs].filter(([path, node]) => ancestor.get(path) !== node && !same(ancestor.get(path), node)).length;
  }

  /** Looks on both sides for what changed, as before each turn. */
  async resync(): Promise<void> {
    await this.sync.pull(this.sandbox, signal);
    if ((await this.sync.planPush(plan)) !== undefined) throw new Error('Something changed where nothing did.');
  }

  /** Runs one short command to its end. */
  async command(): Promise<void> {
    const exec = this.sandbox.exec({
      op: mintId('op'),
      run: { argv: ['/bin/true'] },
      cwd: guestPath('/workspace'),
      onLinkLoss: 'kill',
    });
    for await (const _chunk of exec.output);
    const outcome = await exec.outcome;
    if (outcome.kind !== 'exited' || outcome.code !== 0) throw new Error(JSON.stringify(outcome));
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

function providerAt(service: Service, storage: string): Provider {
  return celestoProvider({
    baseUrl: () => service.url,
    keys: { read: () => Promise.resolve({ value: service.apiKey }) },
    storage,
    log: () => undefined,
  });
}

async function newSandbox(provider: Provider, session: SessionId): Promise<Sandbox> {
  const options = { settings: provider.settings.parse({}), toolchains: [] };
  const created = await provider.create(options, { session, key: mintId('op') }, () => undefined, signal);
  if (created.kind !== 'ready') throw new Error(`No computer: ${created.problem.detail}`);
  return created.sandbox;
}

function computerOf(sandbox: Sandbox): string {
  return stateShape.parse(sandbox.state().data).computerId;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
