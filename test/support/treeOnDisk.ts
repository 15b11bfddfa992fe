import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What lies below a folder of ours, as `path -> 'd' | 'l target' | 'f mode content'` (content as Latin-1). */
export function treeOnDisk(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (below: string) => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = below === '' ? name : `${below}/${name}`;
      const at = join(folder, path);
      const stat = lstatSync(at);
      if (stat.isSymbolicLink()) found[path] = `l ${readlinkSync(at)}`;
      else if (stat.isDirectory()) {
        found[path] = 'd';
        visit(path);
      } else found[path] = `f ${(stat.mode & 0o7777).toString(8)} ${readFileSync(at, 'latin1')}`;
    }
  };
  visit('');
  return found;
}
