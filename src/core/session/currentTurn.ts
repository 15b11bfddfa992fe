import type { TurnEnd } from '../agent.ts';

/** What a turn is made of, the second after the first. */
interface Stages {
  /** The agent works. */
  work(signal: AbortSignal): Promise<TurnEnd>;
  /** What it did is taken in. */
  takeIn(signal: AbortSignal): Promise<void>;
}

/** The turn that runs, if any. Its agent can be stopped, and then what is being taken in. */
export class CurrentTurn {
  #running: { readonly work: AbortController; readonly takeIn: AbortController; isWorking: boolean } | undefined;
  #over: Promise<unknown> = Promise.resolve();

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Runs both stages; `giveWay` stops either. */
  async run(stages: Stages, giveWay: AbortSignal): Promise<TurnEnd> {
    const running = { work: new AbortController(), takeIn: new AbortController(), isWorking: true };
    this.#running = running;
    const both = async () => {
      const end = await stages.work(AbortSignal.any([running.work.signal, giveWay]));
      running.isWorking = false;
      const signal = AbortSignal.any([running.takeIn.signal, giveWay]);
      await stages.takeIn(signal).catch((error: unknown) => {
        // Whoever stopped it knows; the log says so, and the next look takes it in.
        if (!signal.aborted) throw error;
      });
      return end;
    };
    const turn = both();
    this.#over = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#running = undefined;
    }
  }

  /** Stops the agent, or what is being taken in where the agent was stopped already. Resolves when the turn is over. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    if (!running.isWorking || running.work.signal.aborted) running.takeIn.abort();
    running.work.abort();
    await this.#over;
  }
}
