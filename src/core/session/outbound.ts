import type { RelPath } from '../paths.ts';
import { AirlockError, fail } from '../problem.ts';
import type { Capabilities, Provider } from '../sandbox.ts';
import type { LocalFolder } from '../storage.ts';
import { buildManifest, takesDependencies, withHeld } from '../sync/manifest.ts';
import { planPush, type PushPlan, type PushSides } from '../sync/push.ts';
import { maxUnaskedBytes } from '../sync/sizes.ts';
import type { HeldBack, UploadManifest } from '../sync/types.ts';
import type { PlanOptions } from './api.ts';

/** What of one folder would go in, as last listed; and what is remembered so that the next list costs less. */
export class Outbound {
  readonly #folder: LocalFolder | undefined;
  #tags: ReadonlyMap<RelPath, string> = new Map();
  #plan: PushPlan | undefined;
  /** Only reading a file tells that it holds a secret: found while copying, listed from then on. */
  #heldByContent: readonly HeldBack[] = [];

  constructor(folder: LocalFolder | undefined) {
    this.#folder = folder;
  }

  /** The folder. Throws its problem where it is not open. */
  get folder(): LocalFolder {
    const text = 'Open the folder that this session belongs to.';
    return this.#folder ?? fail('folder-unavailable', text, { fix: 'open-folder' });
  }

  /** Lists what would go into a new sandbox of this kind. */
  async planUpload(provider: Provider, options: PlanOptions): Promise<UploadManifest> {
    const probed = await provider.probe(options.signal);
    if (!probed.ready) throw new AirlockError(probed.problem);
    return withHeld(await this.#scan(probed.caps, options), this.#heldByContent);
  }

  /** Lists what changed here since both sides last agreed. */
  async planPush(sides: PushSides, options: PlanOptions): Promise<PushPlan> {
    const whole = await this.#scan(undefined, options);
    this.#plan = await planPush(whole, sides, this.#tags, this.folder);
    this.remember(this.#plan.tags);
    this.#heldByContent = this.#plan.manifest.held.filter(isHeldByContent);
    return this.#plan;
  }

  /** The last plan, once. */
  takePlan(): PushPlan | undefined {
    const plan = this.#plan;
    this.#plan = undefined;
    return plan;
  }

  /** These files are unchanged as long as their tags are, and those stayed here, some for what they hold. */
  remember(tags: ReadonlyMap<RelPath, string>, leftOut: readonly HeldBack[] = []): void {
    this.#tags = new Map([...this.#tags, ...tags]);
    this.#heldByContent = [...this.#heldByContent, ...leftOut.filter(isHeldByContent)];
  }

  async #scan(caps: Capabilities | undefined, options: PlanOptions): Promise<UploadManifest> {
    const { included, signal, onProgress } = options;
    const withDependencies = caps !== undefined && takesDependencies(caps);
    const watching = onProgress ? { onProgress } : {};
    const scan = await this.folder.scan({ withDependencies, maxFileBytes: maxUnaskedBytes, signal, ...watching });
    return buildManifest(scan, included);
  }
}

function isHeldByContent({ rule }: HeldBack): boolean {
  return rule === 'secret-content';
}
