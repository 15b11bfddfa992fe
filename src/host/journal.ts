import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { RelPath } from '../core/paths.ts';
import { fail } from '../core/problem.ts';
import { idShape, nodeShape, pathShape } from '../core/shapes.ts';
import type { Node } from '../core/sync/types.ts';
import type { ChangeSetId } from '../shared/ids.ts';
import { RecordFile } from './recordFile.ts';

const sideShape = z.union([nodeShape, z.literal('absent')]);
const stepShape = z.object({ path: pathShape, before: sideShape, write: sideShape, mode: z.number().optional() });

const recordShape = z.discriminatedUnion('k', [
  z.object({
    k: z.literal('begin'),
    act: z.string().regex(/^[0-9a-f]{12}$/),
    /** The act that this one undoes. */
    undoes: z.string().optional(),
    set: idShape('change-set'),
    at: z.number(),
    steps: z.array(stepShape),
    /** Folders that are made on the way, outermost first. */
    makes: z.array(pathShape),
  }),
  z.object({ k: z.literal('did'), act: z.string(), step: z.number() }),
  z.object({ k: z.literal('skipped'), act: z.string(), step: z.number(), why: z.string() }),
  z.object({ k: z.literal('commit'), act: z.string(), undone: z.string().optional() }),
  z.object({ k: z.literal('rolled-back'), act: z.string() }),
]);
type JournalRecord = z.infer<typeof recordShape>;

/** One path of an act: what stood there, what is written, and the mode bits that the file had. */
export interface JournalStep {
  readonly path: RelPath;
  readonly before: Node | 'absent';
  readonly write: Node | 'absent';
  readonly mode?: number;
}

/** One apply or undo as the journal tells it. */
export interface Act {
  readonly id: string;
  readonly undoes?: string;
  readonly set: ChangeSetId;
  readonly at: number;
  readonly steps: readonly JournalStep[];
  readonly makes: readonly RelPath[];
  readonly skipped: Map<number, string>;
  end: 'open' | 'committed' | 'rolled-back';
  undone: boolean;
}

/**
 * The journal of one session's writes into the workspace folder. An act is in it, with all before-images safe in the
 * store, before the first file is touched; what a crash leaves open is settled from it.
 */
export class Journal {
  readonly #file: RecordFile;
  readonly #acts: Act[] = [];

  private constructor(file: RecordFile, records: readonly unknown[]) {
    this.#file = file;
    for (const record of records) {
      const parsed = recordShape.safeParse(record);
      // Only a newer version writes what this one cannot read; going on would break its promises.
      if (!parsed.success) fail('newer-schema', 'The journal of this session was written by a newer Airlock.');
      this.#take(parsed.data);
    }
  }

  static async open(path: string): Promise<Journal> {
    const { file, records } = await RecordFile.open(path);
    return new Journal(file, records);
  }

  get acts(): readonly Act[] {
    return this.#acts;
  }

  /** The act that was begun and neither committed nor rolled back. */
  get open(): Act | undefined {
    return this.#acts.find(({ end }) => end === 'open');
  }

  /** The last apply that was committed, wrote something and was not undone. */
  get lastUndoable(): Act | undefined {
    return this.#acts.findLast(
      (act) =>
        act.undoes === undefined && act.end === 'committed' && !act.undone && act.skipped.size < act.steps.length,
    );
  }

  /** Writes down what is about to happen; resolves once that survives a power cut. */
  async begin(
    set: ChangeSetId,
    steps: readonly JournalStep[],
    makes: readonly RelPath[],
    undoes: string | undefined,
  ): Promise<Act> {
    const id = randomBytes(6).toString('hex');
    const origin = undoes === undefined ? {} : { undoes };
    await this.#append(
      { k: 'begin', act: id, set, at: Date.now(), steps: [...steps], makes: [...makes], ...origin },
      true,
    );
    return this.#find(id) ?? fail('storage-failed', 'The journal lost an act.');
  }

  did(act: Act, step: number): Promise<void> {
    return this.#append({ k: 'did', act: act.id, step }, false);
  }

  skipped(act: Act, step: number, why: string): Promise<void> {
    return this.#append({ k: 'skipped', act: act.id, step, why }, false);
  }

  commit(act: Act, undone: string | undefined): Promise<void> {
    return this.#append({ k: 'commit', act: act.id, ...(undone === undefined ? {} : { undone }) }, true);
  }

  rolledBack(act: Act): Promise<void> {
    return this.#append({ k: 'rolled-back', act: act.id }, true);
  }

  /** Lets go of the file until the next act. */
  async rest(): Promise<void> {
    await this.#file.rest();
  }

  async #append(record: JournalRecord, durable: boolean): Promise<void> {
    await this.#file.append(record, durable);
    this.#take(record);
  }

  #find(id: string): Act | undefined {
    return this.#acts.find((act) => act.id === id);
  }

  #take(record: JournalRecord): void {
    if (record.k === 'begin') {
      const { act: id, k: _k, undoes, steps, ...rest } = record;
      const origin = undoes === undefined ? {} : { undoes };
      const kept = steps.map(({ mode, ...step }) => (mode === undefined ? step : { ...step, mode }));
      this.#acts.push({ ...rest, ...origin, id, steps: kept, skipped: new Map(), end: 'open', undone: false });
      return;
    }
    const act = this.#find(record.act);
    if (act === undefined) return;
    if (record.k === 'skipped') act.skipped.set(record.step, record.why);
    else if (record.k === 'rolled-back') act.end = 'rolled-back';
    else if (record.k === 'commit') {
      act.end = 'committed';
      const undone = record.undone === undefined ? undefined : this.#find(record.undone);
      if (undone !== undefined) undone.undone = true;
    }
  }
}
