import { env, window } from 'vscode';
import { whyNoPort } from '../../core/ports/choices.ts';
import type { PortRow } from '../../core/ports/rows.ts';
import type { Session } from '../../core/session/api.ts';
import type { Services } from '../services.ts';
import { openPort, openPortOutside, portAddress } from './open.ts';
import { pickPort } from './pick.ts';

type About = (session: Session, row: PortRow) => Promise<void>;

/** Does something to the port of a row, or to one that is picked. */
async function about(
  { active }: Services,
  arg: unknown,
  title: string,
  act: About,
  fits?: (row: PortRow) => boolean,
): Promise<void> {
  const session = active.required();
  const row = await pickPort(session, arg, title, fits);
  if (row !== undefined) await act(session, row);
}

/** Opens a port of the sandbox: the named row, or one that the person picks. */
export async function openPortOf(services: Services, arg: unknown): Promise<void> {
  await about(services, arg, 'Open Port', (session, { port }) => openPort(session, port));
}

/** Opens a port in the browser of the person’s machine. */
export async function openPortOutsideOf(services: Services, arg: unknown): Promise<void> {
  await about(services, arg, 'Open Port in Browser', (session, { port }) => openPortOutside(session, port));
}

/** Copies an address that works once, in whatever browser it is pasted into within minutes. */
export async function copyPortAddress(services: Services, arg: unknown): Promise<void> {
  await about(services, arg, 'Copy Address of Port', async (session, { port }) => {
    await env.clipboard.writeText(await portAddress(session, port));
    window.setStatusBarMessage('Copied: the address opens the port once, within ten minutes.', 5000);
  });
}

/** Closes the listener of a forwarded port. */
export async function stopForwarding(services: Services, arg: unknown): Promise<void> {
  const isForwarded = ({ local, problem }: PortRow) => local !== undefined || problem !== undefined;
  const stop: About = (session, { port }) => session.ports.stopForwarding(port);
  await about(services, arg, 'Stop Forwarding Port', stop, isForwarded);
}

/** Asks for a name under which a port is shown; an empty one takes it away. */
export async function labelPort(services: Services, arg: unknown): Promise<void> {
  await about(services, arg, 'Label Port', async (session, { port, label }) => {
    const prompt = `Name of port ${port}; empty to take it away`;
    const text = await window.showInputBox({ title: 'Label Port', prompt, value: label ?? '' });
    if (text !== undefined) await session.ports.setLabel(port, text);
  });
}

/** Asks for the port of this machine that shall lead to a port of the sandbox. */
export async function chooseLocalPort(services: Services, arg: unknown): Promise<void> {
  await about(services, arg, 'Choose Local Port', async (session, { port, local, chosenPort }) => {
    const text = await window.showInputBox({
      title: 'Choose Local Port',
      prompt: `Port of this machine that leads to port ${port} of the sandbox`,
      value: String(chosenPort ?? local?.localPort ?? port),
      validateInput: whyNoPort,
    });
    if (text !== undefined) await session.ports.chooseLocalPort(port, Number(text));
  });
}
