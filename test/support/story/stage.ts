import { modelName } from '../model/answer.ts';
import type { ModelScript } from '../model/script.ts';
import { startModelServer, type ModelServer, type ModelServerOptions } from '../model/server.ts';
import { eventually } from '../vscode/eventually.ts';
import { Walk, type WalkOptions } from '../vscode/walk.ts';
import { Story } from './story.ts';

/** What a story is told with. */
export interface StageOptions extends Omit<WalkOptions, 'settings'> {
  readonly script: ModelScript;
  readonly model?: ModelServerOptions;
  /** Settings beside the model's. A function is called when all that the tests' own `before` starts is there. */
  readonly settings?: Readonly<Record<string, unknown>> | (() => Readonly<Record<string, unknown>>);
  /** The kind of sandbox that is chosen; default: the built-in one. */
  readonly sandbox?: string;
}

/** A window and a scripted model around the tests of one `describe`, from the first of them on. */
export interface Stage {
  readonly model: ModelServer;
  readonly walk: Walk;
  readonly story: Story;
  /** Waits until the transcript holds that text. */
  readonly says: (text: string) => Promise<void>;
}

/** Opens a window before the tests of this `describe`, takes a picture of each failure, and clears away after them. */
export function onStage({ script, model: modelOptions = {}, settings, sandbox, ...options }: StageOptions): Stage {
  let open: Omit<Stage, 'says'> | undefined;
  const opened = (): Omit<Stage, 'says'> => {
    if (open === undefined) throw new Error('The window opens before the first test.');
    return open;
  };
  before(async () => {
    const model = await startModelServer(script, modelOptions);
    const own = { 'airlock.model.name': modelName, 'airlock.model.baseUrl': model.url };
    try {
      const more = typeof settings === 'function' ? settings() : settings;
      const walk = await Walk.start({ ...options, settings: { ...own, ...more } });
      open = { model, walk, story: new Story(walk, sandbox === undefined ? {} : { sandbox }) };
    } catch (error) {
      await model.close();
      throw error;
    }
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await open?.walk.shot('failed');
  });
  after(async () => {
    await open?.walk.end();
    await open?.model.close();
  });
  return {
    get model() {
      return opened().model;
    },
    get walk() {
      return opened().walk;
    },
    get story() {
      return opened().story;
    },
    says: async (text) => {
      const { story } = opened();
      await eventually(async () => (await story.transcript()).includes(text) || undefined, `“${text}”`);
    },
  };
}
