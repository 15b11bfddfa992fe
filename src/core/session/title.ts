const mostTitle = 60;

/** What a session is called once it has something to do: the first line of its first prompt, shortened at a word. */
export function titleOf(prompt: string): string {
  const line = prompt.trim().split('\n', 1)[0]?.trim() ?? '';
  return line.length <= mostTitle ? line : `${line.slice(0, mostTitle).replace(/\s+\S*$/, '')}…`;
}
