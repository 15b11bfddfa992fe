import type { PortRow } from '../../core/ports/rows.ts';
import type { Disposable, Session } from '../../core/session/api.ts';
import type { Messages } from '../messages.ts';
import type { Services } from '../services.ts';
import { openPort } from './open.ts';
import { pickPort } from './pick.ts';
import { noticeOf } from './rows.ts';
import { showInformation } from '../notify.ts';

/** Tells, once for each, of apps that begin to listen in the shown session's sandbox. */
export function followPorts({ active, taste }: Services, messages: Messages): Disposable {
  let listening: Disposable | undefined;
  const listen = (session: Session | undefined): void => {
    listening?.dispose();
    listening = session?.ports.onDidNotice((apps) => {
      if (taste.tellsOfPorts()) void messages.guard('Open Port', () => notice(session, apps));
    });
  };
  const notice = async (session: Session, apps: readonly PortRow[]): Promise<void> => {
    const [open, never] = ['Open', 'Don’t Show Again'];
    const pressed = await showInformation(noticeOf(apps), open, never);
    if (pressed === never) await taste.setTellsOfPorts(false);
    if (pressed !== open) return;
    const row = await pickPort(session, apps.length === 1 ? apps[0] : undefined, 'Open Port');
    if (row !== undefined) await openPort(session, row.port);
  };
  const switching = active.onDidSwitch(listen);
  listen(active.current);
  return {
    dispose: () => {
      listening?.dispose();
      switching.dispose();
    },
  };
}
