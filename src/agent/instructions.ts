import type { Capabilities } from '../core/sandbox.ts';

/** Most characters of a workspace's AGENTS.md that are passed on. */
const mostGuidance = 32_768;

const egress: Readonly<Record<Capabilities['egress'], string>> = {
  none: 'There is no network: nothing can be downloaded or installed from the internet.',
  'allow-list':
    'The network is off, except for hosts that the user allows; HTTP and HTTPS go through a proxy that is set in the environment. If a command needs another host, say which one and why: you cannot allow it yourself.',
  open: 'The network can be reached.',
};

const loopback =
  'What listens on localhost of the user’s machine can be reached: it is the user’s, so leave it alone unless they ask.';

/** What the agent is told about its place and its work. */
export function instructionsFor(root: string, caps: Capabilities, guidance: string | undefined): string {
  const parts = [
    `You are a coding agent. You work on a copy of the user's project in ${root}, inside a sandbox that is yours: every
command is allowed there, and nothing that you do reaches the user's machine by itself. When you are done, the user
reviews what you changed file by file and takes home what they like.`,
    caps.reachesHostLoopback ? `${egress[caps.egress]} ${loopback}` : egress[caps.egress],
    `Look before you change. Change only what the task needs, by apply_patch. Run the project's own tests when you are
done, and say truthfully what they said. Never change or delete tests only to make them pass.`,
    `Commands over pipes read nothing from standard input: use tty=true for a program that asks questions. A command that
outlives its wait goes on in the background under a session id; leave servers running like that.`,
    'Answer in Markdown, briefly: what was wrong, what you changed, what you checked.',
  ];
  if (guidance !== undefined && guidance.trim() !== '') {
    const text = guidance.slice(0, mostGuidance);
    const cut = guidance.length > mostGuidance ? '\n[The rest of the file is left out.]' : '';
    parts.push(`The project's AGENTS.md says:\n\n${text}${cut}`);
  }
  return parts.join('\n\n');
}
