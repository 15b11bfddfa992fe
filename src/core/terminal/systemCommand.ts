/** Most characters of a title. */
const longestTitle = 60;

/** The operating-system commands (OSC) of which something is shown. */
export type SystemCommand = { kind: 'title'; title: string } | { kind: 'link'; target: string };

/** What a whole operating-system command says; undefined for all that is dropped. */
export function readCommand(text: string): SystemCommand | undefined {
  const title = /^[02];(.*)$/su.exec(text)?.[1];
  if (title !== undefined) return { kind: 'title', title };
  const target = /^8;[^;]*;(.*)$/su.exec(text)?.[1];
  return target === undefined ? undefined : { kind: 'link', target };
}

/** A title that can stand beside ours: one short line, without what steers text or is taken for an icon. */
export function cleanTitle(title: string): string {
  const line = title
    .replace(/\s+/gu, ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\$+\(/g, '(');
  return Array.from(line.trim()).slice(0, longestTitle).join('').trim();
}
