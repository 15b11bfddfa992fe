import { visibleLine } from '../../shared/visible.ts';

/** What a list of choices would draw as an icon, such as `$(shield)`. */
const icon = /\$\([a-z\d-]+(?:~[a-z\d-]*)?\)/gi;

/** A command of the agent in a list of choices: its first line and its folder, as the model wrote them. */
export function commandRow({ command, cwd }: { command: string; cwd: string }): { label: string; description: string } {
  return { label: drawn(command.split('\n')[0] ?? ''), description: drawn(cwd) };
}

function drawn(text: string): string {
  return visibleLine(text).replace(icon, (name) => `\\${name}`);
}
