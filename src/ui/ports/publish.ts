import { env, Uri, window } from 'vscode';
import type { Publication } from '../../core/ports/publications.ts';
import type { Session } from '../../core/session/api.ts';
import { confirmPublish } from '../gestures.ts';
import { untilDone, valueOf, withCancel } from '../progress.ts';
import type { Services } from '../services.ts';
import { pickPort } from './pick.ts';
import { clock } from './rows.ts';
import { publishQuestion, publishSpans } from './texts.ts';
import { showWarning } from '../notify.ts';

/** Opens a port to everybody on the internet: asks for how long, then in a native dialog that says what that means. */
export async function publishPort({ active }: Services, arg: unknown): Promise<void> {
  const session = active.required();
  const row = await pickPort(session, arg, 'Publish Port on the Internet', ({ published }) => published === undefined);
  if (row === undefined) return;
  const title = `Publish Port ${row.port} on the Internet`;
  const span = await window.showQuickPick(publishSpans, { title, placeHolder: 'For how long?' });
  if (span === undefined) return;
  const gesture = await confirmPublish(session.id, row.port, publishQuestion(row, span, session.summary()));
  if (gesture === undefined) return;
  const published = valueOf(
    await withCancel(`Publishing port ${row.port}`, async (_say, signal) => {
      return await session.ports.publish(row.port, span.ms, gesture, signal);
    }),
  );
  if (published !== undefined) void say(published, () => takenBack(session, row.port));
}

/** Takes a port off the internet again. */
export async function unpublishPort({ active }: Services, arg: unknown): Promise<void> {
  const session = active.required();
  const title = 'Take Port off the Internet';
  const row = await pickPort(session, arg, title, ({ published }) => published !== undefined);
  if (row !== undefined) await takenBack(session, row.port);
}

async function takenBack(session: Session, port: number): Promise<void> {
  await untilDone(`Taking port ${port} off the internet`, () => session.ports.unpublish(port));
}

async function say({ port, url = '', until }: Publication, takeBack: () => Promise<void>): Promise<void> {
  const [copy, open, back] = ['Copy Address', 'Open', 'Take Back'];
  const end = until === undefined ? '' : `, until ${clock(until)}`;
  const sentence = `Port ${port} is public, without a password${end}: ${url}`;
  const pressed = await showWarning(sentence, copy, open, back);
  if (pressed === copy) await env.clipboard.writeText(url);
  if (pressed === open) await env.openExternal(Uri.parse(url, true));
  if (pressed === back) await takeBack();
}
