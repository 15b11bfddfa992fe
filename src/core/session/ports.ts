import type { SessionId } from '../../shared/ids.ts';
import type { Gesture } from '../gesture.ts';
import { labelOf, noChoice, portChoices, type PortChoice } from '../ports/choices.ts';
import type { Forwarded, Forwarding } from '../ports/forwarding.ts';
import { Forwards } from '../ports/forwards.ts';
import type { Publication } from '../ports/publications.ts';
import { newApps, portRows, type PortRow } from '../ports/rows.ts';
import { PortWatch } from '../ports/watch.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Disposable, Ports } from './api.ts';
import { Publishing } from './publishing.ts';
import type { Recorder } from './recorder.ts';

/** What the ports of a session are built on. */
export interface PortsContext {
  readonly session: SessionId;
  readonly recorder: Recorder;
  readonly forwarding: Forwarding;
  /** The sandbox while it runs. */
  running(): Sandbox | undefined;
}

/**
 * The ports of one session's sandbox. Looked for while somebody sees them or something runs; forwards live as long as
 * the sandbox runs and this window owns it, and come back with it.
 */
export class SessionPorts implements Ports {
  readonly #context: PortsContext;
  readonly #choices: Map<number, PortChoice>;
  readonly #watch = new PortWatch(() => this.#heard());
  readonly #forwards: Forwards;
  readonly #publishing: Publishing;
  readonly #listeners = new Set<() => void>();
  readonly #noticers = new Set<(apps: readonly PortRow[]) => void>();
  #lookers = 0;
  #known: Sandbox | undefined;
  #isClosed = false;

  constructor(context: PortsContext) {
    this.#context = { ...context, running: () => (this.#isClosed ? undefined : context.running()) };
    this.#choices = portChoices(context.recorder.events);
    const changed = () => {
      this.#follow();
      this.#tell();
    };
    this.#forwards = new Forwards(this.#context, changed);
    this.#publishing = new Publishing(this.#context, changed);
    context.recorder.onDelta(({ kind }) => {
      if (kind === 'summary') this.#follow();
    });
  }

  rows(): readonly PortRow[] {
    if (this.#context.running() === undefined) return [];
    return portRows({
      listeners: this.#watch.seen,
      choices: this.#choices,
      forwarded: this.#forwards.opened,
      problems: this.#forwards.problems,
      published: this.#publishing.open,
    });
  }

  onDidChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  onDidNotice(listener: (apps: readonly PortRow[]) => void): Disposable {
    this.#noticers.add(listener);
    return { dispose: () => this.#noticers.delete(listener) };
  }

  look(): Disposable {
    this.#lookers += 1;
    this.#follow();
    let isOver = false;
    const dispose = () => {
      if (isOver) return;
      isOver = true;
      this.#lookers -= 1;
      this.#follow();
    };
    return { dispose };
  }

  async forward(port: number): Promise<Forwarded> {
    const forwarded = await this.#forwards.open(port, this.#choice(port));
    await this.#remember(port, { forwarded: true, localPort: forwarded.localPort });
    return forwarded;
  }

  async stopForwarding(port: number): Promise<void> {
    await this.#remember(port, { forwarded: false });
    await this.#forwards.close(port);
  }

  async setLabel(port: number, text: string): Promise<void> {
    await this.#remember(port, { label: labelOf(text) });
  }

  async chooseLocalPort(port: number, localPort: number): Promise<Forwarded> {
    // Remembered first: what is closed and still wanted is opened again, by what is remembered.
    await this.#remember(port, { localPort, chosen: true, forwarded: true });
    await this.#forwards.close(port);
    return await this.#forwards.open(port, this.#choice(port));
  }

  get canPublish(): boolean {
    return this.#publishing.isPossible;
  }

  async publish(port: number, forMs: number, gesture: Gesture, signal: AbortSignal): Promise<Publication> {
    gesture.spend('publish', `${this.#context.session}:${port}`);
    return await this.#publishing.publish(port, forMs, signal);
  }

  async unpublish(port: number): Promise<void> {
    await this.#publishing.unpublish(port);
  }

  /**
   * Before the sandbox is stopped or deleted: nothing of it stays open to the internet. Answers with the ports of which
   * that is not certain.
   */
  async unpublishAll(): Promise<readonly number[]> {
    return await this.#publishing.unpublishAll();
  }

  /** Once the sandbox is deleted: what was published went with it. */
  async forgetPublished(): Promise<void> {
    await this.#publishing.forgetAll();
  }

  /** Lets go of every listener; what is remembered stays. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#publishing.close();
    this.#watch.follow(undefined);
    await this.#forwards.closeAll();
  }

  /** Brings what is looked for and forwarded in line with what runs. */
  #follow(): void {
    const sandbox = this.#context.running();
    this.#lookPublished(sandbox);
    this.#watch.follow(this.#isOfInterest() ? sandbox : undefined);
    if (sandbox !== undefined) this.#forwards.restore(this.#choices);
    else if (this.#forwards.isUsed) void this.#forwards.closeAll();
    this.#publishing.follow();
  }

  /** Once for each time that a sandbox is come to. */
  #lookPublished(sandbox: Sandbox | undefined): void {
    const isNew = sandbox !== undefined && sandbox !== this.#known;
    this.#known = sandbox;
    // Where it cannot be asked, what is known is shown.
    if (isNew) void this.#publishing.look(sandbox, new AbortController().signal).catch(() => undefined);
  }

  #isOfInterest(): boolean {
    const { turn, openCommands } = this.#context.recorder.regions;
    const isUsed = this.#forwards.isUsed || this.#publishing.open.size > 0;
    return this.#lookers > 0 || isUsed || turn === 'running' || openCommands.size > 0;
  }

  #heard(): void {
    this.#tell();
    const apps = newApps(this.rows(), this.#choices);
    if (apps.length === 0) return;
    for (const { port } of apps) void this.#remember(port, { noticed: true }).catch(() => undefined);
    for (const noticer of this.#noticers) noticer(apps);
  }

  #choice(port: number): PortChoice {
    return this.#choices.get(port) ?? noChoice;
  }

  /** The choice holds at once; the promise tells that it is in the log. */
  async #remember(port: number, change: Partial<PortChoice>): Promise<void> {
    const { label, localPort, ...choice } = { ...this.#choice(port), ...change };
    const named = label === undefined ? {} : { label };
    const known = { ...choice, ...named, ...(localPort === undefined ? {} : { localPort }) };
    this.#choices.set(port, known);
    this.#tell();
    await this.#context.recorder.add({ t: 'port', port, ...known });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
