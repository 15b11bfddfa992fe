import { window } from 'vscode';
import { visibleSentence } from '../shared/visible.ts';

/** Tells of a failure, with buttons. Answers the pressed one, or undefined when it was dismissed. */
export async function showError<Button extends string>(
  sentence: string,
  ...buttons: readonly Button[]
): Promise<Button | undefined> {
  return await window.showErrorMessage(visibleSentence(sentence), ...buttons);
}

/** Warns, with buttons. Answers the pressed one, or undefined when it was dismissed. */
export async function showWarning<Button extends string>(
  sentence: string,
  ...buttons: readonly Button[]
): Promise<Button | undefined> {
  return await window.showWarningMessage(visibleSentence(sentence), ...buttons);
}

/** Tells something, with buttons. Answers the pressed one, or undefined when it was dismissed. */
export async function showInformation<Button extends string>(
  sentence: string,
  ...buttons: readonly Button[]
): Promise<Button | undefined> {
  return await window.showInformationMessage(visibleSentence(sentence), ...buttons);
}
