import type { ModelScript } from './script.ts';
import { shellCall } from './script.ts';

/** A model that runs the person's prompt as a command and then is done: for tests that want something run inside. */
export const obedientScript: ModelScript = ({ entries, round }) => {
  const prompt = entries.findLast(({ kind }) => kind === 'user');
  if (round > 0 || prompt?.kind !== 'user') return { text: 'Done.' };
  return { calls: [shellCall(prompt.text, { login: false })] };
};
