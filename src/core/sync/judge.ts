import { parentOf, relPath, type RelPath } from '../paths.ts';
import type { BlobStore } from '../storage.ts';
import { isPackageManifest, modeDanger, pathDangers, type Danger } from './danger.ts';
import { besideBuildScript, contentDanger, isCargoManifest, isJudgedByContent } from './dangerContent.ts';
import { isInRepository, repositoryFolders } from './gitProtection.ts';
import { LinkedNames, type FolderLink } from './linkedNames.ts';
import { isFile } from './resolve.ts';
import { isWithin, type TreePatch } from './tree.ts';
import type { Node, Tree } from './types.ts';

/** Manifests are small; one that is larger is not read but set apart. */
const maxReadBytes = 4 * 1024 * 1024;

const repositoryDanger: Danger = {
  id: 'git-repository',
  reason: 'Its folder looks like a Git repository, whose settings decide what programs Git starts.',
};
const hookDanger: Danger = {
  id: 'git-config',
  reason: 'This repository is set to run it as a hook, at the next commit, merge or push.',
};
const unreadDanger: Danger = { id: 'build-hook', reason: 'It is too large to tell what tools run because of it.' };

export interface JudgeOptions {
  readonly ancestor: Tree;
  readonly theirs: Tree;
  readonly blobs: BlobStore;
  /** Files and folders that git on this machine takes hooks from, besides those known by their name. */
  readonly hooks?: ReadonlySet<RelPath>;
  /** Links on this machine, besides those that were sent. */
  readonly links?: readonly FolderLink[];
}

/** Tells of the changes of one comparison what would run by itself once it stood on this machine. */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #repositories: ReadonlySet<string>;
  readonly #links: LinkedNames;

  constructor(options: JudgeOptions, patch: TreePatch) {
    this.#options = options;
    this.#repositories = repositoryFolders(options.ancestor, patch);
    this.#links = new LinkedNames(options.ancestor, options.links ?? []);
  }

  /** One danger of each kind, the path's own before those of the names that links give it. */
  async dangers(path: RelPath, base: Node | 'absent', theirs: Node | 'absent'): Promise<Danger[]> {
    const found = this.#names(path).flatMap(pathDangers);
    if (isWithin(path, this.#options.hooks ?? new Set())) found.push(hookDanger);
    if (isInRepository(path, this.#repositories)) found.push(repositoryDanger);
    const others = [await this.#inContent(path, base, theirs), modeDanger(base, theirs)];
    found.push(...others.filter((danger) => danger !== undefined));
    return found.filter(({ id }, place) => found.findIndex((other) => other.id === id) === place);
  }

  isPackageManifest(path: RelPath): boolean {
    return this.#names(path).some(isPackageManifest);
  }

  async #inContent(path: RelPath, base: Node | 'absent', theirs: Node | 'absent'): Promise<Danger | undefined> {
    const judged = this.#names(path).filter(isJudgedByContent);
    if (judged.length === 0 || !isFile(theirs)) return undefined;
    if (theirs.size > maxReadBytes) return unreadDanger;
    const { blobs } = this.#options;
    const bytes = await blobs.get(theirs.blob);
    const before = isFile(base) && base.size <= maxReadBytes ? await blobs.get(base.blob) : undefined;
    const said = judged.map((name) => contentDanger(name, bytes, before)).find((danger) => danger !== undefined);
    return said ?? (this.#hasBuildScript(path) ? besideBuildScript : undefined);
  }

  #hasBuildScript(path: RelPath): boolean {
    if (!isCargoManifest(path)) return false;
    const folder = parentOf(path);
    const script = relPath(folder === undefined ? 'build.rs' : `${folder}/build.rs`);
    return this.#options.theirs.has(script) || this.#options.ancestor.has(script);
  }

  #names(path: RelPath): readonly string[] {
    return [path, ...this.#links.of(path)];
  }
}
