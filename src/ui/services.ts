import type { ActiveSession } from './activeSession.ts';
import type { ContextKeys } from './contextKeys.ts';
import type { ModelKeys } from './keys/modelKeys.ts';
import type { LogChannel } from './log.ts';
import { resolveModel, type ResolvedModel } from './model.ts';
import type { Parts } from './parts.ts';
import type { PortTokens } from './ports/tokens.ts';
import { readModelSettings, type ReadSetting } from './settings.ts';
import type { SeenReviews } from './review/seen.ts';
import type { Sandboxes } from './start/sandboxes.ts';
import type { Taste } from './taste.ts';
import type { UploadLists } from './upload/list.ts';

/** What the commands and views of the user interface work with. Built once, in `start`. */
export interface Services {
  readonly parts: Parts;
  readonly log: LogChannel;
  readonly setting: ReadSetting;
  readonly keys: ModelKeys;
  readonly taste: Taste;
  readonly context: ContextKeys;
  readonly active: ActiveSession;
  readonly sandboxes: Sandboxes;
  readonly lists: UploadLists;
  readonly seen: SeenReviews;
  readonly portTokens: PortTokens;
  /** Brings the panel into view and puts the cursor into its prompt. */
  readonly showAgent: () => Promise<void>;
}

/** The model that the next turn would use. Throws where the settings cannot be used. */
export function currentModel({ setting, parts }: Pick<Services, 'setting' | 'parts'>): ResolvedModel {
  return resolveModel(readModelSettings(setting), parts.environment);
}
