import { StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { SessionStatus } from '../shared/view.ts';
import type { ActiveSession } from './activeSession.ts';
import { hasSandbox, isBusy } from './statuses.ts';

/** Shows in which kind of sandbox the agent works and what it does, while a session lives. */
export function createStatusBar(active: ActiveSession): { dispose(): void } {
  const item = window.createStatusBarItem('airlock.status', StatusBarAlignment.Left, 10);
  item.name = 'Airlock Sandbox';
  item.command = 'airlock.panel.focus';
  const draw = (): void => {
    const summary = active.current?.summary();
    if (summary === undefined || !hasSandbox(summary.status)) {
      item.hide();
      return;
    }
    const network = summary.network === undefined ? [] : [summary.network];
    // No network is what people expect; anything else is always in sight.
    const reach = network.filter((words) => words !== 'no network').map((words) => ` · ${words}`);
    const icon = isBusy(summary.status) ? '$(loading~spin)' : '$(vm)';
    item.text = `${icon} ${summary.sandbox}: ${statusWord(summary.status, summary.statusText)}${reach.join('')}`;
    item.tooltip = [summary.title, summary.statusText, ...network, summary.isolation].join('\n');
    const spoken = [`Sandbox ${summary.sandbox}`, summary.statusText, ...network].join(', ');
    item.accessibilityInformation = { label: spoken };
    // A turn that failed in a sandbox that runs is told where it is read; this is about the sandbox.
    const isBad = summary.status === 'failed' && summary.network === undefined;
    item.backgroundColor = isBad ? new ThemeColor('statusBarItem.errorBackground') : undefined;
    item.show();
  };
  const subscriptions = [active.onDidSwitch(draw), active.onDidTell(({ kind }) => kind === 'summary' && draw())];
  draw();
  return { dispose: () => [item, ...subscriptions].forEach((one) => void one.dispose()) };
}

/** A running command's text is too long for the bar. */
function statusWord(status: SessionStatus, text: string): string {
  return status === 'working' ? 'Working' : text;
}
