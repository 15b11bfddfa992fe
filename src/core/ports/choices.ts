import type { LogEvent, LoggedEvent } from '../session/events.ts';

/** What a session remembers of one port. */
export type PortChoice = Omit<Extract<LogEvent, { t: 'port' }>, 't' | 'port'>;

export const noChoice: PortChoice = { forwarded: false, chosen: false, noticed: false };

const longestLabel = 60;

/** The last choice for each port, from the session's log. */
export function portChoices(events: readonly LoggedEvent[]): Map<number, PortChoice> {
  const choices = new Map<number, PortChoice>();
  for (const { event } of events) {
    if (event.t !== 'port') continue;
    const { t: _t, port, ...choice } = event;
    choices.set(port, choice);
  }
  return choices;
}

/** A label as it is kept: one short line; undefined for an empty one. */
export function labelOf(text: string): string | undefined {
  const line = text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, longestLabel);
  return line === '' ? undefined : line;
}

/** Why a text is no local port, in one sentence; undefined where it is one. */
export function whyNoPort(text: string): string | undefined {
  const port = /^[0-9]{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? undefined : 'A port is a number from 1 to 65535.';
}
