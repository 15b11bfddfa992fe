import { window } from 'vscode';
import type { UploadAnswer } from '../gestures.ts';

/**
 * Asks; where the person wants to see the list first, shows it, waits until they have read it, and asks again. Only the
 * modal question gives the gesture.
 */
export async function readList(
  ask: () => Promise<UploadAnswer>,
  show: () => Promise<void>,
): Promise<Exclude<UploadAnswer, 'details'>> {
  for (;;) {
    const answer = await ask();
    if (answer !== 'details') return answer;
    await show();
    const goOn = { label: '$(arrow-right) Go On', detail: 'Asks again before anything is sent.' };
    const stop = { label: '$(close) Cancel', detail: 'Nothing is sent.' };
    const options = { title: 'Read the list, then go on', ignoreFocusOut: true };
    if ((await window.showQuickPick([goOn, stop], options)) !== goOn) return undefined;
  }
}
