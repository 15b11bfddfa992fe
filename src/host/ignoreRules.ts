import { closeSync } from 'node:fs';
import ignore, { type Ignore } from 'ignore';
import { AirlockError } from '../core/problem.ts';
import { folderOf, openInside, readWhole } from './insideFolder.ts';

const maxRuleFileBytes = 1024 * 1024;

/**
 * Ignore rules that lie in files of one name in the folders they belong to, such as `.gitignore`: deeper files decide
 * before the ones above, and in an ignored folder nothing is looked at. Where a parent was brought back by a deeper
 * file, what a rule says of the parent still holds for the content: more stays back, never less.
 */
export class IgnoreRules {
  readonly #root: string;
  readonly #name: string;
  readonly #loaded = new Map<string, Promise<void>>();
  readonly #folders = new Map<string, Ignore>();
  readonly #ignoredFolders = new Map<string, boolean>();

  /** `root` is a real path, `name` that of the rule files. */
  constructor(root: string, name: string) {
    this.#root = root;
    this.#name = name;
  }

  /** Reads the rule file of one folder (empty: the root), once. Must have happened for all folders above a tested path. */
  load(folder: string, extra = ''): Promise<void> {
    let loaded = this.#loaded.get(folder);
    if (loaded === undefined) {
      loaded = this.#load(folder, extra);
      this.#loaded.set(folder, loaded);
    }
    return loaded;
  }

  async #load(folder: string, extra: string): Promise<void> {
    const text = await readRules(this.#root, folder === '' ? this.#name : `${folder}/${this.#name}`);
    if (text + extra === '') return;
    const rules = ignore({ ignorecase: process.platform !== 'linux', allowRelativePaths: true });
    this.#folders.set(folder, rules.add(extra).add(text));
  }

  /** Reads the rule files of every folder above the paths. */
  async loadAbove(paths: Iterable<string>): Promise<void> {
    const folders = new Set<string>(['']);
    for (const path of paths) {
      for (let folder = folderOf(path); !folders.has(folder); folder = folderOf(folder)) folders.add(folder);
    }
    for (const folder of folders) await this.load(folder);
  }

  /** The outermost ignored folder above the path (ends in `/`), or the path itself where it is ignored. */
  ignoredBy(path: string, isFolder: boolean): string | undefined {
    for (let cut = path.indexOf('/'); cut >= 0; cut = path.indexOf('/', cut + 1)) {
      const folder = path.slice(0, cut);
      let ignored = this.#ignoredFolders.get(folder);
      if (ignored === undefined) {
        ignored = this.#decide(folder, true);
        this.#ignoredFolders.set(folder, ignored);
      }
      if (ignored) return `${folder}/`;
    }
    if (!this.#decide(path, isFolder)) return undefined;
    return isFolder ? `${path}/` : path;
  }

  #decide(path: string, isFolder: boolean): boolean {
    for (let folder = folderOf(path); ; folder = folderOf(folder)) {
      const rules = this.#folders.get(folder);
      if (rules !== undefined) {
        const relative = folder === '' ? path : path.slice(folder.length + 1);
        const { ignored, unignored } = rules.test(isFolder ? `${relative}/` : relative);
        if (ignored || unignored) return ignored;
      }
      if (folder === '') return false;
    }
  }
}

/** Rules of this clone alone, which git keeps inside `.git`. Empty where there is no such file. */
export function cloneExcludes(root: string): Promise<string> {
  return readRules(root, '.git/info/exclude');
}

async function readRules(root: string, path: string): Promise<string> {
  try {
    const { fd, stat } = await openInside(root, path);
    try {
      return stat.size > maxRuleFileBytes ? '' : await readWhole(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof AirlockError) return '';
    throw error;
  }
}
