import { foldKey, type RelPath } from '../paths.ts';
import { linkTarget } from './links.ts';
import type { Tree } from './types.ts';

/** Most other names of one path that are followed: links may lead around in a circle. */
const mostNames = 64;

/** A link of a folder on this machine, and a place in the folder that it leads to; empty for the folder itself. */
export interface FolderLink {
  readonly link: RelPath;
  readonly target: string;
}

/**
 * The names by which links of a folder lead to a path: where `.husky` is a link to `tools/husky`, the file
 * `tools/husky/pre-push` is `.husky/pre-push` as well, and git runs it.
 */
export class LinkedNames {
  readonly #links: readonly { readonly link: string; readonly target: string }[];

  /** `links` are those of this machine: what was sent holds neither ignored nor held-back ones. */
  constructor(tree: Tree, links: readonly FolderLink[]) {
    const all = new Map<string, { link: string; target: string }>();
    for (const { link, target } of [...linksOf(tree), ...links]) {
      const folded = { link: foldKey(link), target: foldKey(target) };
      all.set(JSON.stringify(folded), folded);
    }
    this.#links = [...all.values()];
  }

  /** All other names of `path`, folded. Links that lead through other links count. */
  of(path: string): readonly string[] {
    if (this.#links.length === 0) return [];
    const own = foldKey(path);
    const names = new Set([own]);
    for (const name of names) {
      for (const { link, target } of this.#links) {
        if (names.size > mostNames) break;
        const rest = below(name, target);
        if (rest !== undefined) names.add(link + rest);
      }
    }
    names.delete(own);
    return [...names];
  }
}

function linksOf(tree: Tree): FolderLink[] {
  return [...tree].flatMap(([link, node]) => {
    const target = node.t === 'link' ? linkTarget(link, node.target) : undefined;
    return target === undefined ? [] : [{ link, target }];
  });
}

/** What of `path` comes after `folder`, from the slash on; undefined where it lies elsewhere. */
function below(path: string, folder: string): string | undefined {
  if (folder === '') return `/${path}`;
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length) : undefined;
}
