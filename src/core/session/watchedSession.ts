import type { SessionId } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import type { SessionSummary, TranscriptItem } from '../../shared/view.ts';
import { AirlockError, problem, type Problem } from '../problem.ts';
import type { Network, NetworkView } from '../network/api.ts';
import type { Provider } from '../sandbox.ts';
import type { LocalFolder, Onlooker } from '../storage.ts';
import type { Disposable, Ports, Session, SessionDelta } from './api.ts';
import type { SessionRecord } from './events.ts';
import { onlookerLineShape, requests, type OnlookerLine } from './serve.ts';
import { storedSummary } from './summary.ts';
import { withOutput } from './transcript.ts';

/** How often the owner is asked whether anybody is there. */
const askEachMs = 30_000;

const elsewhere = problem(
  'owned-elsewhere',
  'Another window has this session open. Go on there, or close that window.',
);

/** A session that another window owns. It shows what happens there; every act is refused with one sentence. */
export class WatchedSession implements Session {
  readonly id: SessionId;
  readonly folder: LocalFolder | undefined;
  readonly network: Network = { view: () => unseenNetwork, allow: refuse, revoke: refuse };
  readonly #onlooker: Onlooker;
  readonly #items = new Map<string, TranscriptItem>();
  readonly #listeners = new Set<(delta: SessionDelta) => void>();
  #summary: SessionSummary;
  #isDetached = false;

  private constructor(
    record: SessionRecord,
    summary: SessionSummary,
    folder: LocalFolder | undefined,
    onlooker: Onlooker,
  ) {
    this.id = record.id;
    this.folder = folder;
    this.#onlooker = onlooker;
    this.#summary = summary;
  }

  /** Starts to look on. `closed` is called when the owner is gone, so that the session may be opened again. */
  static open(
    record: SessionRecord,
    provider: Provider | undefined,
    folder: LocalFolder | undefined,
    onlooker: Onlooker,
    closed: () => Promise<void>,
  ): WatchedSession {
    const session = new WatchedSession(record, storedSummary(record, provider), folder, onlooker);
    onlooker.onLine((line) => session.#hear(line));
    onlooker.request(requests.all);
    void onlooker.ownerGone.then(async () => {
      await closed();
      if (!session.#isDetached) session.#tell({ kind: 'summary' });
    });
    return session;
  }

  summary(): SessionSummary {
    return { ...this.#summary, elsewhere: true };
  }

  transcript(): readonly TranscriptItem[] {
    return [...this.#items.values()];
  }

  onDidChange(listener: (delta: SessionDelta) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  problem(): Problem {
    return elsewhere;
  }

  changes(): undefined {
    return undefined;
  }

  lastCheckpoint(): undefined {
    return undefined;
  }

  undoable(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  readonly ask = (): Disposable => {
    const have = () => this.#onlooker.request(requests.have);
    have();
    const asking = setInterval(have, askEachMs).unref();
    return { dispose: () => clearInterval(asking) };
  };

  async detach(): Promise<void> {
    this.#isDetached = true;
    this.#onlooker.close();
    await Promise.resolve();
  }

  readonly planUpload = refuse;
  readonly planPush = refuse;
  readonly start = refuse;
  readonly restart = refuse;
  readonly refill = refuse;
  readonly attach = refuse;
  readonly send = refuse;
  readonly stopTurn = refuse;
  readonly pauseSandbox = refuse;
  readonly stopSandbox = refuse;
  readonly end = refuse;
  readonly delete = refuse;
  readonly refreshChanges = refuse;
  readonly content = refuse;
  readonly apply = refuse;
  readonly reject = refuse;
  readonly offerRejected = refuse;
  readonly undo = refuse;
  readonly snapshots = { take: refuse, list: refuse, goBack: refuse, remove: refuse };
  readonly terminals = { open: refuse, kept: refuse, join: refuse, watch: refuse };
  /** The owner's window holds the listeners and shows them. */
  readonly ports: Ports = {
    rows: () => [],
    onDidChange: () => nothing,
    onDidNotice: () => nothing,
    look: () => nothing,
    canPublish: false,
    forward: refuse,
    stopForwarding: refuse,
    setLabel: refuse,
    chooseLocalPort: refuse,
    publish: refuse,
    unpublish: refuse,
  };

  #hear(line: string): void {
    const parsed = onlookerLineShape.safeParse(parseJson(line));
    if (!parsed.success) return;
    const message = parsed.data;
    if ('summary' in message) this.#summary = message.summary;
    this.#fold(message);
  }

  #fold(message: OnlookerLine): void {
    if ('items' in message) {
      for (const item of message.items) this.#items.set(item.id, item);
      this.#tell({ kind: 'items', items: message.items });
    }
    if ('text' in message) {
      this.#extend(message.id, message.text);
      this.#tell({ kind: message.t, id: message.id, text: message.text });
    }
    if ('summary' in message) this.#tell({ kind: 'summary' });
  }

  #extend(id: string, text: string): void {
    const item = this.#items.get(id);
    if (item?.kind === 'message') this.#items.set(id, { ...item, text: item.text + text });
    if (item?.kind === 'command') this.#items.set(id, withOutput(item, text));
  }

  #tell(...deltas: SessionDelta[]): void {
    for (const listener of this.#listeners) for (const delta of deltas) listener(delta);
  }
}

const nothing: Disposable = { dispose: () => undefined };
const unseenNetwork: NetworkView = { egress: 'unknown', allowed: [], connections: [] };

async function refuse(): Promise<never> {
  await Promise.resolve();
  throw new AirlockError(elsewhere);
}
