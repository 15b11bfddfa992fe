const mostTitle = 60;

/** What a session is called once it has something to do: the first line of its first prompt, shortened at a word. */
export function titleOf(prompt: string): string {
  const line = prompt.trim().split('\n', 1)[0]?.trim() ?? '';
  return shortened(line, mostTitle);
}

/** A line of at most so many characters, cut at a word where there is one. */
export function shortened(line: string, most: number): string {
  return line.length <= most ? line : `${line.slice(0, most).replace(/\s+\S*$/, '')}…`;
}
