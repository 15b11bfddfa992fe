import { InputBoxValidationSeverity, window, type InputBox } from 'vscode';
import { askModally } from '../dialogs.ts';
import type { CheckKey, KeyQuestions, Service } from './serviceKeys.ts';

/** Asks for keys of hosted services in native boxes, which nothing but a person can answer. */
export const keyQuestions: KeyQuestions = {
  async environment({ title, variable }, place) {
    const [use, other] = ['Use This Key', 'Enter Another Key…'] as const;
    const message = `Use ${variable} from the environment to sign in to ${title}?`;
    const detail = `The key is sent to ${place} only. It never enters the sandbox. Asked once.`;
    const pressed = await askModally({ message, detail }, use, other);
    if (pressed === undefined) return undefined;
    return pressed === use ? 'use' : 'other';
  },

  async key(service, place, check, signal, why) {
    const box = window.createInputBox();
    box.title = `Sign in to ${service.title}`;
    box.placeholder = 'API key';
    box.prompt = `Paste an API key. It is kept in the editor’s secret storage and sent to ${place} only.`;
    box.password = true;
    box.ignoreFocusOut = true;
    if (why !== undefined) say(box, why.detail);
    try {
      return await answered(box, service, check, signal);
    } finally {
      box.dispose();
    }
  },

  tell(text) {
    window.setStatusBarMessage(text, 5000);
  },
};

/** Resolves with the first key that works. The box stays open, with the reason, while one does not. */
async function answered(
  box: InputBox,
  { title }: Service,
  check: CheckKey,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const tryKey = async (): Promise<void> => {
    const key = box.value.trim();
    if (key === '') {
      say(box, 'Paste the key.');
      return;
    }
    Object.assign(box, { busy: true, enabled: false });
    box.validationMessage = { message: `Asking ${title}…`, severity: InputBoxValidationSeverity.Info };
    const why = await check(key);
    Object.assign(box, { busy: false, enabled: true });
    if (why === undefined) resolve(key);
    else say(box, why.detail);
  };
  box.onDidChangeValue(() => {
    box.validationMessage = undefined;
  });
  box.onDidAccept(() => void tryKey().catch(reject));
  box.onDidHide(() => resolve(undefined));
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  box.show();
  return await promise;
}

function say(box: InputBox, message: string): void {
  box.validationMessage = { message, severity: InputBoxValidationSeverity.Error };
}
