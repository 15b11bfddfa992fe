import type { RelPath } from '../paths.ts';
import type { LocalFolder } from '../storage.ts';
import { readAhead } from './readAhead.ts';
import { sameSide } from './tree.ts';
import type { Node, Tree } from './types.ts';

const filesAhead = 8;

/** What stands on both sides with the same content: all that can be agreed on where nobody knows what there was before. */
export async function alike(theirs: Tree, folder: LocalFolder): Promise<Tree> {
  const both = new Map<RelPath, Node>();
  const look = async ([path, node]: readonly [RelPath, Node]) => {
    return { path, node, isSame: sameSide((await folder.side(path)).side, node) };
  };
  for await (const { path, node, isSame } of readAhead(theirs, filesAhead, look)) if (isSame) both.set(path, node);
  return both;
}
