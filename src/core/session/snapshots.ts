import type { SessionId } from '../../shared/ids.ts';
import type { Gesture } from '../gesture.ts';
import { AirlockError, fail } from '../problem.ts';
import type { Sandbox, Step } from '../sandbox.ts';
import type { Snapshot, Snapshots } from '../snapshots.ts';
import type { SessionSnapshots } from './api.ts';
import type { OneAtATime } from './oneAtATime.ts';
import type { Recorder } from './recorder.ts';
import type { SandboxLife } from './sandboxLife.ts';

/** What the snapshots of a session need from it. */
export interface SnapshotsContext {
  readonly session: SessionId;
  readonly recorder: Recorder;
  readonly acts: OneAtATime;
  readonly life: SandboxLife;
  /** Takes in every byte that changed inside, where it runs. */
  readonly takeIn: (signal: AbortSignal) => Promise<void>;
}

/** The one act and subject that a person agrees to. */
export function goBackSubject(session: SessionId, { id }: Pick<Snapshot, 'id'>): string {
  return `${session}:${id}`;
}

/** Snapshots of the sandbox of a session that this window owns. What changed inside is taken in before each. */
export class OwnedSnapshots implements SessionSnapshots {
  readonly #context: SnapshotsContext;

  constructor(context: SnapshotsContext) {
    this.#context = context;
  }

  async take(): Promise<void> {
    const { acts, life, recorder, takeIn } = this.#context;
    await acts.run(async (signal) => {
      const snapshots = snapshotsOf(life.running);
      await takeIn(signal);
      const { takenAt } = await snapshots.take();
      await recorder.add({ t: 'snapshot-taken', at: takenAt });
    });
  }

  async list(signal: AbortSignal): Promise<readonly Snapshot[]> {
    return await snapshotsOf(this.#context.life.sandbox).list(signal);
  }

  async goBack(to: Snapshot, gesture: Gesture, step: (s: Step) => void, signal: AbortSignal): Promise<void> {
    const { acts, life, recorder, session, takeIn } = this.#context;
    gesture.spend('go-back', goBackSubject(session, to));
    await acts.run(async (either) => {
      snapshotsOf(life.sandbox);
      step({ title: 'Taking in what changed' });
      await takeIn(either);
      await recorder.intend({ t: 'snapshot-intent', at: to.takenAt });
      await life.goBack(to.id, step, either);
      step({ title: 'Comparing with your folder' });
      await takeIn(either);
    }, signal);
  }

  async remove({ id }: Snapshot): Promise<void> {
    const settled = await snapshotsOf(this.#context.life.sandbox).remove(id);
    if (settled.kind !== 'done') throw new AirlockError(settled.problem);
  }
}

function snapshotsOf({ snapshots }: Pick<Sandbox, 'snapshots'>): Snapshots {
  return snapshots ?? fail('unsupported', 'This kind of sandbox takes no snapshots.');
}
