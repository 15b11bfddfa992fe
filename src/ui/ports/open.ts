import { commands, env, extensions, Uri, window } from 'vscode';
import { fail } from '../../core/problem.ts';
import type { Session } from '../../core/session/api.ts';
import { guestPlace, wayTo } from './way.ts';

/** The extension that shows pages in a tab of the editor, and the command that does. */
const editorBrowser = { extension: 'vscode.simple-browser', command: 'simpleBrowser.show' } as const;

const sayForMs = 10_000;

/**
 * An address that opens a port in one browser of this editor's person, once, forwarding the port where it is not yet.
 * Rejects where no browser of theirs could reach it.
 */
export async function portAddress(session: Session, port: number, path = '/'): Promise<string> {
  const forwarded = await session.ports.forward(port);
  // Asked each time: a tunnel that the editor opened may be closed again.
  const external = await env.asExternalUri(Uri.parse(`http://127.0.0.1:${forwarded.localPort}/`, true));
  const way = wayTo(external.toString(true), forwarded.authority);
  if (way.kind === 'origin') {
    if (way.isByLoopback) window.setStatusBarMessage(byLoopback(forwarded.authority), sayForMs);
    return forwarded.address(path, way.origin);
  }
  return fail(
    'unsupported',
    `The editor at ${way.editor} shows ports only below a path of its own, where apps break. ` +
      `Let it give ports names of their own (code-server: --proxy-domain), or forward port ${forwarded.localPort} by SSH.`,
  );
}

function byLoopback(authority: string): string {
  return `Shown at ${authority}, this machine’s loopback address.`;
}

/** Opens a port in the editor's own browser where there is one, else outside. */
export async function openPort(session: Session, port: number, path?: string): Promise<void> {
  if (extensions.getExtension(editorBrowser.extension) === undefined) {
    await openPortOutside(session, port, path);
    return;
  }
  await commands.executeCommand(editorBrowser.command, await portAddress(session, port, path));
}

/** Opens a port in the browser of the person's machine. */
export async function openPortOutside(session: Session, port: number, path?: string): Promise<void> {
  await env.openExternal(Uri.parse(await portAddress(session, port, path), true));
}

/**
 * Opens an address that the sandbox shows for its own loopback, such as a link in a terminal: the port is forwarded and
 * the page opened. Rejects with `bad-input` for every other address.
 */
export async function openGuestUrl(session: Session, url: string): Promise<void> {
  const place = guestPlace(url) ?? fail('bad-input', `${url} is no web page of the sandbox itself.`);
  await openPort(session, place.port, place.path);
}
