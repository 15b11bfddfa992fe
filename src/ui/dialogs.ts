import { window } from 'vscode';

/** Text of a native modal dialog. */
export interface Question {
  readonly message: string;
  readonly detail?: string;
}

/**
 * Shows a native modal dialog. Answers with the pressed button, or undefined when it was dismissed. A modal is the only
 * surface that no command of another extension can answer.
 */
export async function askModally<Button extends string>(
  question: Question,
  ...buttons: readonly Button[]
): Promise<Button | undefined> {
  const { message, detail } = question;
  return await window.showWarningMessage(message, { modal: true, ...(detail ? { detail } : {}) }, ...buttons);
}
