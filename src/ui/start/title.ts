import type { OpenFolder } from '../parts.ts';

const mostTitle = 60;

/** The first line of the first prompt, shortened at a word; the folder's name before there is one. */
export function titleOf(prompt: string | undefined, folder: Pick<OpenFolder, 'name'>): string {
  const line = prompt?.trim().split('\n', 1)[0]?.trim() ?? '';
  if (line === '') return folder.name;
  return line.length <= mostTitle ? line : `${line.slice(0, mostTitle).replace(/\s+\S*$/, '')}…`;
}
