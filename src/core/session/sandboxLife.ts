import { mintId, type SessionId } from '../../shared/ids.ts';
import { AirlockError, fail, problemOf, type Problem } from '../problem.ts';
import type { CreateIntent, CreateOptions, Provider, ProviderState, Resumed, Sandbox, Step } from '../sandbox.ts';
import type { Ledger } from '../storage.ts';
import { createSafely, deletedInTime, removeUnseen } from './providerAnswers.ts';
import type { Recorder } from './recorder.ts';
import { goneProblem, SandboxWatch } from './sandboxWatch.ts';

/** What the life of a sandbox needs from its session. */
export interface LifeContext {
  readonly session: SessionId;
  readonly provider: Provider;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly log: (line: string) => void;
  /** Stores the key and state in the session's record. */
  remember(ledgerKey: string | undefined, state: ProviderState | undefined): Promise<void>;
  /** Hears of each sandbox that can be used now, once the log says that it runs. */
  adopted(sandbox: Sandbox): Promise<void>;
}

/**
 * One session's sandbox, from the entry in the ledger to its confirmed deletion. An entry is written before anything is
 * asked for and closed only when deletion is confirmed.
 */
export class SandboxLife {
  readonly #context: LifeContext;
  #sandbox: Sandbox | undefined;
  #ledgerKey: string | undefined;
  #state: ProviderState | undefined;
  readonly #watch: SandboxWatch;

  constructor(context: LifeContext, ledgerKey: string | undefined, state: ProviderState | undefined) {
    this.#context = context;
    this.#watch = new SandboxWatch(context.recorder, (line) => context.log(line));
    this.#ledgerKey = ledgerKey;
    this.#state = state;
  }

  /** The sandbox that can be used now. Throws a problem with its fix otherwise. */
  get sandbox(): Sandbox {
    return this.#sandbox ?? fail('sandbox-gone', 'The sandbox is not running.', { fix: 'restart-sandbox' });
  }

  /** The sandbox, where it runs. Throws a problem with its fix otherwise. */
  get running(): Sandbox {
    if (this.isPaused) fail('sandbox-paused', 'The sandbox is paused.', { fix: 'resume-sandbox' });
    return this.isUsable
      ? this.sandbox
      : fail('sandbox-gone', 'The sandbox is not running.', { fix: 'restart-sandbox' });
  }

  get isPaused(): boolean {
    return this.#context.recorder.regions.sandbox === 'paused';
  }

  /** What can be done with it now that not every kind of sandbox can. */
  get powers(): { pause?: 'can' | 'is'; snapshots?: true } {
    if (this.isPaused) return { pause: 'is' };
    const sandbox = this.#sandbox;
    const rests = ['stopped', 'lost'].includes(this.#context.recorder.regions.sandbox);
    return {
      ...(this.isUsable && sandbox?.pause !== undefined ? { pause: 'can' } : {}),
      ...((this.isUsable || rests) && sandbox?.snapshots !== undefined ? { snapshots: true } : {}),
    };
  }

  get isUsable(): boolean {
    return this.#sandbox !== undefined && this.#context.recorder.regions.sandbox === 'running';
  }

  /** True when a sandbox was asked for and its deletion is not confirmed. */
  get wasAskedFor(): boolean {
    return this.#ledgerKey !== undefined || this.#state !== undefined;
  }

  /** True when it is known to be no more. */
  get isGone(): boolean {
    return ['gone', 'deleted'].includes(this.#context.recorder.regions.sandbox);
  }

  /** True when there is something that could be started or resumed. */
  get exists(): boolean {
    return this.#state !== undefined;
  }

  /** Asks for a sandbox. Throws where there is one already, which would be left behind with what was made in it. */
  async create(options: CreateOptions, step: (s: Step) => void, signal: AbortSignal): Promise<Sandbox> {
    if (this.exists && !this.isGone) {
      fail('not-started', 'This session has a sandbox already. Restart it, or end the session.', {
        fix: 'restart-sandbox',
      });
    }
    const { ledger, provider, recorder, session } = this.#context;
    const key = mintId('op');
    const intent: CreateIntent = { session, key };
    this.#ledgerKey = key;
    await ledger.open({ key, provider: provider.id, intent, openedAt: Date.now() });
    await recorder.intend({ t: 'create-intent', key });
    await this.#context.remember(key, undefined);
    await recorder.add({ t: 'sandbox', state: 'starting' });
    const created = await createSafely(provider, options, intent, step, signal);
    if (created.kind === 'ready') return await this.#adopt(created.sandbox, false);
    if (created.kind === 'none') return await this.#neverCreated(key, created.problem);
    return await this.#settleLostCreate(intent, created.problem);
  }

  async #neverCreated(key: string, why: Problem): Promise<never> {
    await this.#context.ledger.close(key);
    this.#ledgerKey = undefined;
    await this.#context.remember(undefined, undefined);
    await this.#context.recorder.add({ t: 'sandbox', state: 'failed', problem: why });
    throw new AirlockError(why);
  }

  /** The answer to a create was lost: find out what is true before anything else is done. */
  async #settleLostCreate(intent: CreateIntent, why: Problem): Promise<Sandbox> {
    const { provider } = this.#context;
    const { signal } = new AbortController();
    const settled = await this.#orLost(provider.settle(intent, signal));
    if (settled.kind === 'never') return await this.#neverCreated(intent.key, why);
    if (settled.kind === 'maybe-ours') {
      await this.#context.recorder.add({ t: 'sandbox', state: 'lost', problem: why });
      throw new AirlockError(why);
    }
    this.#state = settled.state;
    await this.#context.ledger.update(intent.key, settled.state);
    return await this.#take(await this.#orLost(provider.resume(settled.state, signal)));
  }

  /** Nothing is known of it where the question fails: the log must not go on saying that it starts. */
  async #orLost<T>(answer: Promise<T>): Promise<T> {
    return await answer.catch(async (error: unknown) => {
      await this.#context.recorder.add({ t: 'sandbox', state: 'lost', problem: problemOf(error, 'sandbox-lost') });
      throw error;
    });
  }

  /** Finds the session's sandbox again after a reload or a crash, and says in the log what became of it. */
  async resume(signal: AbortSignal): Promise<Sandbox | undefined> {
    if (this.#state === undefined) return undefined;
    const resumed = await this.#context.provider.resume(this.#state, signal);
    if (resumed.kind === 'live' || resumed.kind === 'restarted') return await this.#take(resumed);
    await this.#missing(resumed);
    return undefined;
  }

  /**
   * Takes over one that exists. It has no entry in the ledger: nothing of ours may ever delete it. `refuseRival` throws
   * where another session has it, once it is written down that this one does.
   */
  async attach(state: ProviderState, refuseRival: () => Promise<void>, signal: AbortSignal): Promise<Sandbox> {
    const { provider, recorder } = this.#context;
    await this.#context.remember(undefined, state);
    await refuseRival().catch(async (error: unknown) => {
      await this.#context.remember(undefined, undefined);
      throw error;
    });
    this.#state = state;
    await recorder.add({ t: 'sandbox', state: 'starting' });
    const resumed = await provider.resume(state, signal);
    return 'sandbox' in resumed ? await this.#adopt(resumed.sandbox, false) : await this.#take(resumed);
  }

  /** Starts a stopped or lost sandbox on the same files, or goes on with a paused one. */
  async restart(step: (s: Step) => void, signal: AbortSignal): Promise<Sandbox> {
    if (this.#state === undefined) fail('sandbox-gone', 'There is no sandbox to restart.', { fix: 'refill-sandbox' });
    step({ title: this.isPaused ? 'Resuming sandbox' : 'Starting sandbox' });
    await this.#context.recorder.add({ t: 'sandbox', state: 'starting' });
    const sandbox = this.#sandbox ?? (await this.#take(await this.#context.provider.resume(this.#state, signal)));
    const before = this.#context.recorder.regions.incarnation;
    const started = await sandbox.start(signal);
    if (started.kind === 'done') return await this.#adopt(sandbox, sandbox.incarnation !== before);
    if (started.problem.id === 'sandbox-gone') throw new AirlockError(await this.#missing({ kind: 'gone' }));
    await this.#context.recorder.add({ t: 'sandbox', state: 'lost', problem: started.problem });
    throw new AirlockError(started.problem);
  }

  /** Halts it with all that runs in it. Throws where that fails: what is true then is seen by whoever watches it. */
  async halt(signal: AbortSignal): Promise<void> {
    const { sandbox } = this;
    const pausing = sandbox.pause?.(signal) ?? fail('unsupported', 'This kind of sandbox cannot be paused.');
    this.#watch.stop();
    try {
      const paused = await pausing;
      if (paused.kind !== 'done') throw new AirlockError(paused.problem);
      await this.#context.recorder.add({ t: 'sandbox', state: 'paused' });
    } finally {
      // Somebody else may make it go on.
      this.#watch.follow(sandbox);
    }
  }

  /** Starts it on the files of a snapshot. Throws where that fails; then it counts as lost, and may be gone back with again. */
  async goBack(id: string, step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    const { recorder } = this.#context;
    const { sandbox } = this;
    this.#watch.stop();
    step({ title: 'Going back' });
    await recorder.add({ t: 'sandbox', state: 'starting' });
    const back = (await sandbox.snapshots?.goBack(id, signal)) ?? fail('unsupported', 'There are no snapshots.');
    if (back.kind === 'done') {
      // The log says what was gone back to, which is more than that it was restarted.
      await this.#adopt(sandbox, false);
      return;
    }
    await recorder.add({ t: 'sandbox', state: 'lost', problem: back.problem });
    this.#watch.follow(sandbox);
    throw new AirlockError(back.problem);
  }

  /** Stops it; its files stay. */
  async stop(): Promise<void> {
    const { recorder } = this.#context;
    this.#watch.stop();
    await recorder.add({ t: 'sandbox', state: 'stopping' });
    const stopped = await this.sandbox.stop(new AbortController().signal);
    if (stopped.kind === 'done') await recorder.add({ t: 'sandbox', state: 'stopped' });
    else await recorder.add({ t: 'sandbox', state: 'lost', problem: stopped.problem });
  }

  /** Deletes it and closes the ledger's entry once that is confirmed. Gone is done. */
  async delete(): Promise<void> {
    const { recorder } = this.#context;
    if (!this.wasAskedFor) return;
    await recorder.add({ t: 'sandbox', state: 'stopping' });
    try {
      await this.bury();
    } catch (error) {
      await recorder.add({ t: 'sandbox', state: 'lost', problem: problemOf(error, 'sandbox-lost') });
      throw error;
    }
    await recorder.add({ t: 'sandbox', state: 'deleted' });
  }

  /** {@link delete} of one that is known to be gone, without a word in the log. */
  async bury(): Promise<void> {
    this.#watch.stop();
    if (!this.wasAskedFor) return;
    const { provider, ledger } = this.#context;
    const seen = this.#sandbox && (await deletedInTime(this.#sandbox));
    // What does not answer is deleted by its state alone.
    const intent = { session: this.#context.session, key: this.#ledgerKey ?? '' };
    const settled = seen ?? (await removeUnseen(provider, this.#state, intent));
    if (settled.kind !== 'done') throw new AirlockError(settled.problem);
    if (this.#ledgerKey !== undefined) await ledger.close(this.#ledgerKey);
    this.#sandbox = undefined;
    this.#state = undefined;
    this.#ledgerKey = undefined;
    await this.#context.remember(undefined, undefined);
  }

  /** Lets go of it without ending anything. */
  async detach(): Promise<void> {
    this.#watch.stop();
    const sandbox = this.#sandbox;
    this.#sandbox = undefined;
    await sandbox?.detach();
  }

  async #take(resumed: Resumed): Promise<Sandbox> {
    if (resumed.kind === 'live') return await this.#adopt(resumed.sandbox, false);
    if (resumed.kind === 'restarted') return await this.#adopt(resumed.sandbox, true);
    throw new AirlockError(await this.#missing(resumed));
  }

  /** Says in the log that there is no sandbox to work with, and answers why. */
  async #missing(resumed: Exclude<Resumed, { sandbox: Sandbox }>): Promise<Problem> {
    const why = resumed.kind === 'gone' ? goneProblem() : resumed.problem;
    const state = resumed.kind === 'gone' ? 'gone' : 'lost';
    // Who watches it may have said so already.
    const { recorder } = this.#context;
    if (state === 'lost' || recorder.regions.sandbox !== state)
      await recorder.add({ t: 'sandbox', state, problem: why });
    if (resumed.kind === 'gone' && this.#ledgerKey !== undefined) await this.#context.ledger.close(this.#ledgerKey);
    return why;
  }

  async #adopt(sandbox: Sandbox, restarted: boolean): Promise<Sandbox> {
    this.#sandbox = sandbox;
    this.#state = sandbox.state();
    await this.#enterInLedger(this.#state);
    await this.#context.remember(this.#ledgerKey, this.#state);
    const { incarnation } = sandbox;
    const how = restarted ? { restarted } : {};
    await this.#context.recorder.add({ t: 'sandbox', state: 'running', incarnation, ...how });
    await this.#context.adopted(sandbox);
    this.#watch.follow(sandbox);
    return sandbox;
  }

  /** One that was taken for gone and came back has an entry no more: without one, nobody would delete it in the end. */
  async #enterInLedger(state: ProviderState): Promise<void> {
    const { ledger, provider, session } = this.#context;
    const key = this.#ledgerKey;
    if (key === undefined) return;
    if ((await ledger.list()).some((entry) => entry.key === key)) await ledger.update(key, state);
    else await ledger.open({ key, provider: provider.id, intent: { session, key }, openedAt: Date.now(), state });
  }
}
