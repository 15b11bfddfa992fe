import { commands } from 'vscode';
import type { Presence } from '../core/session/presence.ts';
import { unlessLate } from '../core/unlessLate.ts';

/** Far longer than a window that works hard keeps an extension waiting. */
const answerWithinMs = 15_000;

/**
 * An extension host that runs beside its files outlives its window for minutes or hours where the connection broke: what
 * it asks of the editor is answered once a window is connected again.
 */
export const presence: Presence = {
  answers: async () =>
    (await unlessLate(
      asked().then(() => true),
      answerWithinMs,
    )) ?? false,
  back: asked,
};

/** The least that is always asked of the window itself. */
async function asked(): Promise<void> {
  await commands.executeCommand('setContext', 'airlock.asked', true);
}
