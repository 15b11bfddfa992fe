import { mintId } from '../../shared/ids.ts';
import { refuseRival } from '../computers/claim.ts';
import { refuseTaken } from '../computers/free.ts';
import { AirlockError, fail, problem } from '../problem.ts';
import type { Foreign, Sandbox, Step } from '../sandbox.ts';
import { alike } from '../sync/alike.ts';
import { bytesOf } from '../sync/refill.ts';
import type { UploadManifest } from '../sync/types.ts';
import type { LastCheckpoint } from './api.ts';
import { isHalfFilled, lastCheckpointAt } from './checkpoints.ts';
import { closeEntriesOf } from './entries.ts';
import type { SessionParts } from './parts.ts';
import type { SandboxLife } from './sandboxLife.ts';

type Needed = 'keeper' | 'ledger' | 'provider' | 'recorder' | 'sync' | 'review' | 'folder' | 'ownerOf';
type Say = (step: Step) => void;

/** The ways to a sandbox that holds the workspace. Nobody works in one that was filled by half. */
export class Filling {
  readonly #parts: Pick<SessionParts, Needed>;
  readonly #life: SandboxLife;

  constructor(parts: Pick<SessionParts, Needed>, life: SandboxLife) {
    this.#parts = parts;
    this.#life = life;
  }

  /** A new sandbox that holds exactly what the manifest names. Never in place of one that is gone: what was taken in counts. */
  async fromFolder(manifest: UploadManifest, step: Say, signal: AbortSignal): Promise<void> {
    const { keeper, sync } = this.#parts;
    await this.discardHalf();
    if (this.lastCheckpoint !== undefined) {
      const detail = 'What was taken in of the sandbox that is gone would be lost. Start a new one from it.';
      fail('sandbox-gone', detail, { fix: 'refill-sandbox' });
    }
    const { settings, toolchains } = keeper.record;
    await sync.approve(manifest);
    const sandbox = await this.#life.create({ settings, toolchains }, step, signal);
    await this.#orDelete(() => sync.hydrate(sandbox, manifest, step, signal));
    await keeper.rememberFilled();
  }

  /** What a new sandbox would be filled with; undefined while there is one, and where nothing was taken in yet. */
  get lastCheckpoint(): LastCheckpoint | undefined {
    const { recorder, sync } = this.#parts;
    const at = lastCheckpointAt(recorder.events);
    const { ended, sandbox } = recorder.regions;
    if (at === undefined || ended || !['gone', 'deleted', 'failed'].includes(sandbox)) return undefined;
    return { at, files: sync.theirs.size, bytes: bytesOf(sync.theirs) };
  }

  /** A new sandbox in place of one that is gone, with what was last taken in of it. */
  async fromCheckpoint(step: Say, signal: AbortSignal): Promise<void> {
    const { keeper, recorder, sync, review } = this.#parts;
    if (this.lastCheckpoint === undefined) fail('bad-input', 'There is no sandbox that is gone.');
    const { settings, toolchains } = keeper.record;
    await recorder.intend({ t: 'refill-intent', files: sync.theirs.size });
    await this.#life.bury();
    await keeper.rememberAttached(false);
    const sandbox = await this.#life.create({ settings, toolchains, fresh: true }, step, signal);
    await this.#orDelete(() => sync.refill(sandbox, step, signal));
    await keeper.rememberFilled();
    await review.compareAgain();
  }

  /** A sandbox that was made before and elsewhere: there is no ancestor, only what is alike on both sides. */
  async byAttaching(computer: Foreign, step: Say, signal: AbortSignal): Promise<void> {
    const { attach, title } = computer;
    const { keeper, ledger, ownerOf, provider, recorder, sync, review } = this.#parts;
    const folder =
      this.#parts.folder ??
      fail('folder-unavailable', 'Open the folder first that the work belongs to.', { fix: 'open-folder' });
    if (attach === undefined) fail('unsupported', 'This computer cannot be attached to.');
    // Another window may have come to it since it was listed.
    refuseTaken(await ownerOf(computer));
    await recorder.intend({ t: 'attach-intent', title });
    step({ title: 'Starting the computer' });
    const rival = async () => await ownerOf(computer);
    const sandbox = await this.#life.attach(attach, () => refuseRival(keeper.id, rival), signal);
    await this.#orDelete(async () => {
      await makeFolder(sandbox, sync.root, signal);
      step({ title: 'Taking in what it holds' });
      await sync.pull(sandbox, signal);
      await sync.setAncestor(await alike(sync.theirs, folder));
      // Of one that was left over: the next sweep would delete it.
      await closeEntriesOf(ledger, provider, attach);
      await recorder.intend({ t: 'attached', title });
    });
    await review.compareAgain();
  }

  /** The same sandbox on the same files. */
  async restart(step: Say, signal: AbortSignal): Promise<void> {
    if (await this.discardHalf()) {
      const fix = this.lastCheckpoint === undefined ? 'run-agent' : 'refill-sandbox';
      fail('sandbox-gone', 'The sandbox was never whole. Start it again.', { fix });
    }
    await this.#life.restart(step, signal);
  }

  /** Puts away what was filled by half, where there is such a sandbox. Answers whether there was; throws where it stays. */
  async discardHalf(): Promise<boolean> {
    const { recorder, sync } = this.#parts;
    if (!this.hasHalf) return false;
    await this.#life.delete();
    const detail = 'The sandbox was not filled to the end. Nothing ran in it; start it again.';
    const isRefill = sync.checkpoint !== undefined;
    const why = problem('aborted', detail, { fix: isRefill ? 'refill-sandbox' : 'retry' });
    await recorder.add({ t: 'sandbox', state: isRefill ? 'gone' : 'failed', problem: why });
    return true;
  }

  /** A sandbox was asked for, may be there, and never held the whole workspace. */
  get hasHalf(): boolean {
    return this.#life.wasAskedFor && isHalfFilled(this.#parts.recorder.events);
  }

  /** One that was attached is let go of instead. */
  async #orDelete(fill: () => Promise<void>): Promise<void> {
    try {
      await fill();
    } catch (error) {
      // What could not be deleted is in the log and in the ledger; why it failed is what the person needs.
      await this.#life.delete().catch(() => undefined);
      throw error;
    }
  }
}

async function makeFolder(sandbox: Sandbox, root: string, signal: AbortSignal): Promise<void> {
  const run = { argv: ['mkdir', '-p', root] };
  const exec = sandbox.exec({ op: mintId('op'), run, cwd: sandbox.workspaceRoot, signal, onLinkLoss: 'kill' });
  for await (const _chunk of exec.output);
  const outcome = await exec.outcome;
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  if (outcome.kind === 'not-started' || outcome.kind === 'unknown') throw new AirlockError(outcome.problem);
  fail('unsupported', `The folder ${root} cannot be made inside.`, { delivery: 'maybe-sent' });
}
