import { commands } from 'vscode';
import type { Connection } from '../../core/network/connections.ts';
import { canBeAllowed } from '../../core/network/refusal.ts';
import type { Disposable, Session } from '../../core/session/api.ts';
import type { Messages } from '../messages.ts';
import type { Services } from '../services.ts';
import { askAndAllow } from './allow.ts';
import { ruleFor } from './question.ts';
import { Quiet } from './quiet.ts';
import { showInformation } from '../notify.ts';

const buttons = ['Allow…', 'Show Network'] as const;

/**
 * Tells a person, quietly, that a host was refused, and offers to allow it. The model learns what a program inside does:
 * that the proxy refused the host, and that the user can allow it.
 */
export function followRefusals(services: Services, messages: Messages): Disposable {
  let quiet = new Quiet();
  const subscriptions = [
    services.active.onDidSwitch(() => (quiet = new Quiet())),
    services.active.onDidTell((delta) => {
      const session = services.active.current;
      if (delta.kind !== 'network' || delta.refused === undefined || session === undefined) return;
      if (!offered(delta.refused) || !quiet.mayTell(keyOf(delta.refused), Date.now())) return;
      const { refused } = delta;
      void messages.guard('Allow Hosts', () => offer(services, session, refused));
    }),
  ];
  return { dispose: () => subscriptions.forEach((one) => void one.dispose()) };
}

function offered({ why }: Connection): boolean {
  return why !== undefined && canBeAllowed(why);
}

function keyOf({ target, why }: Connection): string {
  return `${target.host}:${target.port} ${why ?? ''}`;
}

async function offer(services: Services, session: Session, { target, why }: Connection): Promise<void> {
  const [allow, look] = buttons;
  const port = [443, 80].includes(target.port) ? '' : `:${target.port}`;
  const pressed = await showInformation(`The sandbox was refused ${target.host}${port}.`, allow, look);
  if (pressed === allow) await askAndAllow(services, session, [ruleFor(target, why === 'private')]);
  else if (pressed === look) await commands.executeCommand('airlock.network.focus');
}
