import { type ModelScript, shellCall } from './script.ts';

export const startPrompt = 'Start the development server.';
export const editPrompt = 'Greet the reader warmly.';
export const warmGreeting = 'A warm welcome from the sandbox';

const edit = {
  type: 'update_file',
  path: 'src/greeting.js',
  diff: [
    '@@',
    "-export const greeting = 'Hello from the sandbox';",
    `+export const greeting = '${warmGreeting}';`,
    '',
  ].join('\n'),
} as const;

/** Starts a server that goes on in the background, and changes a file when it is asked to. */
export function webScript(command: string): ModelScript {
  return ({ entries, round }) => {
    const asked = entries.findLast((entry) => entry.kind === 'user');
    if (asked?.text.includes(editPrompt) === true) {
      return round === 0 ? { calls: [{ patch: edit }] } : { text: 'The greeting is warmer now.' };
    }
    return round === 0
      ? { calls: [shellCall(command, { yield_time_ms: 4000 })] }
      : { text: 'The development server runs in the background.' };
  };
}
