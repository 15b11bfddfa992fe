import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { dependencyNames, environmentMark } from '../core/sync/dependencyNames.ts';

/** Folders that package managers fill: by name alone, or where a file proves it (from the folder itself). */
const kinds: readonly { readonly name: string; readonly proof?: string }[] = [
  ...dependencyNames.map((name) => ({ name })),
  ...['.venv', 'venv', 'env', 'virtualenv'].map((name) => ({ name, proof: environmentMark })),
  { name: 'vendor/bundle', proof: '../../Gemfile' },
  { name: 'vendor', proof: 'autoload.php' },
  { name: 'vendor', proof: 'modules.txt' },
  { name: 'Pods', proof: 'Manifest.lock' },
  { name: 'deps', proof: '../mix.exs' },
  { name: '.yarn/cache', proof: '../../yarn.lock' },
  { name: '.yarn/unplugged', proof: '../../yarn.lock' },
];

/**
 * Tells dependency folders from a project's own. Build output (`target`, `dist`, …) is not one: it is made anew. One
 * scan's memory.
 */
export class DependencyFolders {
  readonly #root: string;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The outermost dependency folder that is `path` or holds it. `path` may end in `/`. */
  async holding(path: string): Promise<string | undefined> {
    const whole = path.endsWith('/') ? path : `${path}/`;
    for (let cut = whole.indexOf('/'); cut >= 0; cut = whole.indexOf('/', cut + 1)) {
      const folder = whole.slice(0, cut);
      if (cut === path.length && path !== whole) return undefined;
      if (await this.#is(folder)) return folder;
    }
    return undefined;
  }

  /** True when this very folder is one. */
  async is(folder: string): Promise<boolean> {
    return await this.#is(folder);
  }

  #is(folder: string): Promise<boolean> | false {
    const matching = kinds.filter(({ name }) => folder === name || folder.endsWith(`/${name}`));
    if (matching.length === 0) return false;
    let known = this.#known.get(folder);
    if (known === undefined) {
      const proofs = matching.map(({ proof }) => this.#exists(proof === undefined ? folder : join(folder, proof)));
      known = Promise.all(proofs).then((found) => found.includes(true));
      this.#known.set(folder, known);
    }
    return known;
  }

  async #exists(path: string): Promise<boolean> {
    return await access(join(this.#root, path)).then(
      () => true,
      () => false,
    );
  }
}
