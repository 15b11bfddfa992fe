import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentRunner } from '../../../src/agent/index.ts';
import { createComputers, type Computers } from '../../../src/core/computers/index.ts';
import { Gesture } from '../../../src/core/gesture.ts';
import type { RelPath } from '../../../src/core/paths.ts';
import type { PlanOptions, Session, Sessions, TurnInput } from '../../../src/core/session/api.ts';
import type { Presence } from '../../../src/core/session/presence.ts';
import { createSessions } from '../../../src/core/session/index.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import { webForwarding } from '../../../src/sandbox/forward/index.ts';
import type { Ledger, LocalFolder } from '../../../src/core/storage.ts';
import type { SessionId } from '../../../src/shared/ids.ts';
import { hostServices, thisMachine } from '../../../src/host/index.ts';
import { demoScript } from '../../support/model/demoScript.ts';
import { modelName } from '../../support/model/answer.ts';
import type { ModelScript } from '../../support/model/script.ts';
import { startModelServer, type ModelServer } from '../../support/model/server.ts';
import { resumeSandbox, type Harness } from '../harness.ts';

export const plan: PlanOptions = { included: new Set(), signal: new AbortController().signal };

/** What another process needs to work at the same desk. */
export interface DeskPlace {
  readonly root: string;
  readonly model: string;
}

interface Window {
  readonly sessions: Sessions;
  readonly computers: Computers;
  readonly ledger: Ledger;
  readonly folder: LocalFolder;
  readonly provider: Provider;
}

/** How a window differs from the usual. */
interface WindowOptions {
  readonly sweepFrom?: number;
  readonly trusted?: () => boolean;
  readonly presence?: Presence;
  /** Puts a fault between the sessions and the provider. */
  readonly faulty?: (provider: Provider) => Provider;
}

/** The sessions of a desk as a freshly opened window sees them. */
export async function openWindow(
  harness: Harness,
  root: string,
  { faulty = (provider) => provider, trusted = () => true, ...more }: WindowOptions = {},
): Promise<Window> {
  const project = join(root, 'project');
  const host = await hostServices({ storageRoot: join(root, 'storage'), machine: thisMachine(), trusted });
  const provider = faulty(await harness.provider());
  const agent = createAgentRunner();
  const sessions = createSessions({
    ...host,
    providers: [provider],
    agent,
    forwarding: webForwarding((session) => Promise.resolve(session)),
    log: () => undefined,
    ...more,
  });
  const folder = host.folder({ uri: `file://${project}`, path: project, name: 'project' });
  const computers = createComputers({ ...host, providers: [provider] });
  return { sessions, computers, ledger: host.ledger, provider, folder };
}

/** Creates a session and sends all of its folder in. */
export async function startSession(harness: Harness, { sessions, folder, provider }: Window) {
  const { settings, toolchains } = harness.options;
  const session = await sessions.create({ provider, folder, settings, toolchains, title: 'Test' });
  const manifest = await session.planUpload(plan);
  await session.start(manifest, new Gesture('upload', manifest.subject), () => undefined, plan.signal);
  return { session, sessions };
}

/** A prompt for the scripted model at that address. */
export function turnWith(baseUrl: string, prompt: string): TurnInput {
  const model = { name: modelName, baseUrl, api: 'chat-completions' as const };
  return { prompt, model, apiKey: 'no key' };
}

/** One person's machine without an editor: storage, a copy of a project, a scripted model, and a kind of sandbox. */
export class Desk {
  readonly root: string;
  readonly project: string;
  readonly #harness: Harness;
  readonly #model: ModelServer;

  private constructor(root: string, harness: Harness, model: ModelServer) {
    this.root = root;
    this.project = join(root, 'project');
    this.#harness = harness;
    this.#model = model;
  }

  static async open(harness: Harness, script: ModelScript = demoScript): Promise<Desk> {
    // Other processes of this desk work on the same storage of sandboxes, which the first provider makes.
    await harness.provider();
    const root = await mkdtemp(join(tmpdir(), 'airlock-desk-'));
    const desk = new Desk(root, harness, await startModelServer(script));
    await cp(join(import.meta.dirname, '../../fixtures/demo-project'), desk.project, { recursive: true });
    return desk;
  }

  /** Where another process finds this desk. */
  get place(): DeskPlace {
    return { root: this.root, model: this.#model.url };
  }

  /** The sessions as a freshly opened window sees them. */
  async window(more: WindowOptions = {}): Promise<Window> {
    return await openWindow(this.#harness, this.root, more);
  }

  /** A started session in a new window. */
  async start(more: WindowOptions = {}): Promise<{ session: Session; sessions: Sessions }> {
    return await startSession(this.#harness, await this.window(more));
  }

  turn(prompt: string): TurnInput {
    return turnWith(this.#model.url, prompt);
  }

  async read(path: string): Promise<string> {
    return await readFile(join(this.project, path), 'utf8');
  }

  async write(path: string, text: string): Promise<void> {
    await writeFile(join(this.project, path), text);
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.project, path));
  }

  /** Whether the project's own tests pass here. */
  async testsPass(): Promise<boolean> {
    const ran = await thisMachine().run({ program: process.execPath, args: ['--test'], cwd: this.project });
    return ran.code === 0;
  }

  /** Runs a command inside as a person would, in a terminal of the session; resolves when it has ended. */
  async inside(session: Session, command: string): Promise<void> {
    const argv = ['sh', '-c', command];
    const terminal = await session.terminals.open({ cols: 80, rows: 24, argv }, plan.signal);
    for await (const _bytes of terminal.read);
    await terminal.ended;
  }

  /** Stops the session's sandbox past the session, which has not taken in anything then. */
  async stopFromOutside(session: Session): Promise<void> {
    const { store } = await hostServices({
      storageRoot: join(this.root, 'storage'),
      machine: thisMachine(),
      trusted: () => true,
    });
    const state = (await store.read(session.id))?.sandbox;
    if (state === undefined) throw new Error('The session has no sandbox.');
    const { sandbox } = await resumeSandbox(this.#harness, state);
    await sandbox.stop(plan.signal);
    await sandbox.detach();
  }

  /** Loses the files of a session, as a crash in the middle of its deletion would. */
  async loseRecord(id: SessionId): Promise<void> {
    await rm(join(this.root, 'storage/v1/sessions', id), { recursive: true });
  }

  /** Writes something else where the record of a session was. */
  async spoilRecord(id: SessionId, text: string): Promise<void> {
    await writeFile(join(this.root, 'storage/v1/sessions', id, 'record.json'), text);
  }

  /** That nothing is left of any sandbox, as the next window finds it. */
  async assertNothingLeft(): Promise<void> {
    const { ledger, provider } = await this.window();
    const left = [await ledger.list(), await provider.inventory(plan.signal), await this.#harness.leftRunning()];
    assert.deepEqual(left, [[], [], []]);
  }

  async close(): Promise<void> {
    await this.#model.close();
    // A window that is still open may write meanwhile.
    await rm(this.root, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Applies every change that is not in conflict. */
export async function applyAll(session: Session): Promise<readonly RelPath[]> {
  const set = session.changes();
  if (set === undefined) throw new Error('There is nothing to apply.');
  const paths = new Set(
    set.changes.filter(({ merge }) => merge === 'take' || merge === 'auto').map(({ path }) => path),
  );
  const result = await session.apply(set.id, { paths, takeTheirs: new Set() }, new Gesture('apply', set.id));
  return result.applied;
}
