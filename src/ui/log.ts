import { window, type LogOutputChannel } from 'vscode';

/** What the rest of the product may say to the log. Never a key, never a file's content. */
export interface Log {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string, cause?: unknown): void;
}

/** The "Airlock" output channel; the level is the user's. */
export interface LogChannel extends Log {
  show(): void;
  dispose(): void;
}

/** Opens the output channel. */
export function createLog(): LogChannel {
  const channel: LogOutputChannel = window.createOutputChannel('Airlock', { log: true });
  return {
    debug: (text) => channel.debug(text),
    info: (text) => channel.info(text),
    warn: (text) => channel.warn(text),
    error: (text, cause) => channel.error(cause === undefined ? text : `${text}\n${causeText(cause)}`),
    show: () => channel.show(),
    dispose: () => channel.dispose(),
  };
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause === undefined ? '' : `\ncaused by ${causeText(cause.cause)}`;
  return `${cause.stack ?? cause.message}${inner}`;
}
