import { homedir } from 'node:os';
import { window } from 'vscode';

/**
 * Opens a terminal of this machine, outside of the workspace, with a command typed into it. Whether it runs is for the
 * person to say, by Enter.
 */
export function openSetupTerminal(name: string, command: string): Promise<void> {
  const terminal = window.createTerminal({ name, cwd: homedir(), isTransient: true });
  terminal.show();
  terminal.sendText(command, false);
  return Promise.resolve();
}
