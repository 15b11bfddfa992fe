import { env, TerminalLink, Uri, type TerminalLinkProvider, type Terminal } from 'vscode';
import type { Session } from '../../core/session/api.ts';
import { linksIn, type FoundLink, type LinkTarget } from '../../core/terminal/links.ts';
import { showInformation } from '../notify.ts';

/** Opens an address of the sandbox's own loopback for the person, by whatever way there is to it. */
export type OpenGuestUrl = (session: Session, url: string) => Promise<void>;

class OwnLink extends TerminalLink {
  readonly session: Session;
  readonly target: LinkTarget;

  constructor(session: Session, { start, length, target }: FoundLink) {
    super(start, length, tooltipOf(target));
    this.session = session;
    this.target = target;
  }
}

/**
 * Addresses in a sandbox's terminal, ahead of the editor's own detection, to which `localhost` and files would be those
 * of this machine. Each says where it truly leads.
 */
export function terminalLinks(
  sessionOf: (terminal: Terminal) => Session | undefined,
  openGuestUrl: OpenGuestUrl,
): TerminalLinkProvider<OwnLink> {
  return {
    provideTerminalLinks: ({ line, terminal }) => {
      const session = sessionOf(terminal);
      return session === undefined ? [] : linksIn(line).map((found) => new OwnLink(session, found));
    },
    handleTerminalLink: async ({ session, target }) => {
      if (target.kind === 'guest') await openGuestUrl(session, target.url.href);
      else if (target.kind === 'web') await env.openExternal(Uri.parse(target.url.href, true));
      else await showInformation('This names a file of the sandbox. It was not opened on this machine.');
    },
  };
}

function tooltipOf(target: LinkTarget): string {
  if (target.kind === 'guest') return `Open port ${target.port} of the sandbox: ${target.url.href}`;
  if (target.kind === 'web') return `Open ${target.url.href} outside the sandbox`;
  return 'A file of the sandbox, not of this machine';
}
