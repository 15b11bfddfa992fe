import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { publicPlace } from '../../../src/sandbox/process/place.ts';
import { repository, vsix } from '../commands/places.mjs';
import { Workbench, type WorkbenchOptions } from './workbench.ts';

/** What a walk needs besides the packaged extension. */
export interface WalkOptions extends Omit<WorkbenchOptions, 'root' | 'open' | 'vsix'> {
  /** Names the folder of the screenshots. */
  readonly name: string;
  /** An empty folder to work in, which the caller removes; none makes one. */
  readonly root?: string;
  /** Folder of test/fixtures to open a copy of; none opens an empty window. */
  readonly fixture?: string;
  /** Prepares the copy before the window opens: makes it a git repository, adds files. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/** A walk through the packaged extension: a window on a copy of a fixture, and numbered screenshots. */
export class Walk {
  /** The window; another one after a restart. */
  workbench: Workbench;
  /** The copy that is open; its parent is a temporary folder of this walk. */
  readonly folder: string;
  readonly #root: string;
  /** Folder of the pictures. */
  readonly screenshots: string;
  #count = 0;

  private constructor(workbench: Workbench, root: string, folder: string, screenshots: string) {
    this.workbench = workbench;
    this.folder = folder;
    this.#root = root;
    this.screenshots = screenshots;
  }

  static async start(options: WalkOptions): Promise<Walk> {
    const { name, fixture, prepare, root = await openFolder('airlock-walk-'), ...rest } = options;
    const screenshots = `${repository}/test/e2e/screenshots/${name}`;
    try {
      const folder = `${root}/${fixture ?? 'nothing'}`;
      if (fixture !== undefined) await cp(`${repository}/test/fixtures/${fixture}`, folder, { recursive: true });
      await prepare?.(folder);
      await rm(screenshots, { recursive: true, force: true });
      await mkdir(screenshots, { recursive: true });
      const open = fixture === undefined ? {} : { open: folder };
      return new Walk(await Workbench.open({ ...rest, ...open, root, vsix: [vsix] }), root, folder, screenshots);
    } catch (error) {
      await rm(root, { recursive: true, force: true });
      throw error;
    }
  }

  /** The global storage folder of the extension under test. */
  get storage(): string {
    return `${this.#root}/server/User/globalStorage/airlock-dev.airlock`;
  }

  /** Saves what is on the screen as the walk's next picture. */
  async shot(title: string): Promise<void> {
    this.#count += 1;
    await this.workbench.screenshot(`${this.screenshots}/${String(this.#count).padStart(2, '0')}-${title}.png`);
  }

  /** Takes a picture in each of the two usual themes; `again` brings back what a change of the theme closes. */
  async inBothThemes(title: string, again?: () => Promise<void>): Promise<void> {
    for (const [theme, word] of [
      ['Dark Modern', 'dark'],
      ['Light Modern', 'light'],
    ] as const) {
      await this.workbench.setTheme(theme);
      await again?.();
      await this.shot(`${title}-${word}`);
      if (again !== undefined) await this.workbench.quickInput.cancel();
    }
  }

  /** Ends browser and server and starts both again: what a restart of the machine leaves is there. */
  async restart(meanwhile?: () => Promise<void>): Promise<void> {
    this.workbench = await this.workbench.restart(meanwhile);
  }

  /** Ends browser and server and removes the walk's folder, and what the superuser's sandboxes keep outside of it. */
  async end(): Promise<void> {
    await this.workbench.close();
    await rm(publicPlace(`${this.storage}/process`), { recursive: true, force: true, maxRetries: 10 });
    // The last of what ran may still write there.
    await rm(this.#root, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** A temporary folder. In a private one the superuser's sandboxes would live elsewhere, with a copy of the runtime. */
export async function openFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(`${tmpdir()}/${prefix}`);
  await chmod(folder, 0o755);
  return folder;
}
