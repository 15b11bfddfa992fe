import type { ScanOptions } from '../core/storage.ts';
import type { HeldBack, ManifestFile } from '../core/sync/types.ts';
import { DependencyFolders } from './dependencyFolders.ts';
import { parseName, shownName } from './entries.ts';
import { IgnoreRules } from './ignoreRules.ts';
import { Looks } from './looks.ts';

/** What a scan gathers; both ways of listing fill the same basket. */
export class Gathering {
  readonly files: ManifestFile[] = [];
  readonly held = new Map<string, HeldBack>();
  readonly dependencies = new Set<string>();
  readonly root: string;
  readonly options: ScanOptions;
  readonly dependencyFolders: DependencyFolders;
  readonly looks = new Looks();
  /** `.airlockignore`: holds back in addition, whatever else lists a file. */
  readonly airlockRules: IgnoreRules;

  constructor(root: string, options: ScanOptions) {
    this.root = root;
    this.options = options;
    this.dependencyFolders = new DependencyFolders(root);
    this.airlockRules = new IgnoreRules(root, '.airlockignore');
  }

  hold(held: HeldBack): void {
    if (!this.held.has(held.path)) this.held.set(held.path, held);
  }

  take(file: ManifestFile): void {
    this.files.push(file);
    if (this.files.length % 500 === 0) this.options.onProgress?.(this.files.length);
  }

  /** Notes what is ignored; a dependency folder counts as such. `name` of a folder ends in `/`. */
  async ignore(name: string | Uint8Array): Promise<void> {
    const shown = shownName(name);
    const dependency = await this.dependencyFolders.holding(shown);
    const named = parseName(name);
    if (dependency !== undefined) this.dependencies.add(dependency);
    else this.hold({ path: shown, rule: 'held' in named ? named.held.rule : 'ignored' });
  }
}
