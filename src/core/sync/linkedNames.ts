import { foldKey } from '../paths.ts';
import { linkTarget } from './links.ts';
import type { Tree } from './types.ts';

/** Most other names of one path that are followed: links may lead around in a circle. */
const mostNames = 64;

/**
 * The names by which links of a folder lead to a path: where `.husky` is a link to `tools/husky`, the file
 * `tools/husky/pre-push` is `.husky/pre-push` as well, and git runs it.
 */
export class LinkedNames {
  readonly #links: readonly { readonly link: string; readonly target: string }[];

  constructor(tree: Tree) {
    this.#links = [...tree].flatMap(([path, node]) => {
      const target = node.t === 'link' ? linkTarget(path, node.target) : undefined;
      return target === undefined ? [] : [{ link: foldKey(path), target: foldKey(target) }];
    });
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

/** What of `path` comes after `folder`, from the slash on; undefined where it lies elsewhere. */
function below(path: string, folder: string): string | undefined {
  if (folder === '') return `/${path}`;
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length) : undefined;
}
