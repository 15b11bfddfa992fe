import type { TranscriptItem } from '../../../../src/shared/view.ts';
import { command, message } from './states.ts';

const output = Array.from(
  { length: 40 },
  (_, line) => `\u001b[3${line % 8}mline ${line}\u001b[0m of what the command said`,
).join('\n');

const answer = (index: number): string =>
  `Step ${index}: the **sum** left out \`first\`, see [the file](src/cart-${index}.js).\n\n- one\n- two\n\n` +
  '```js\nexport function total(items) {\n  return items.length;\n}\n```\n\nAnd a closing sentence that says what comes next in this run.';

const diff = Array.from(
  { length: 12 },
  (_, line) => `${'+- '[line % 3] ?? ' '}  const value${line} = compute(${line});`,
).join('\n');

function item(index: number): TranscriptItem {
  const id = `i${index}`;
  switch (index % 5) {
    case 0:
      return { kind: 'prompt', id, text: `Prompt ${index}: please go on with the next part.`, at: index };
    case 1:
    case 3:
      return message(answer(index), id);
    case 2:
      return command({
        id,
        command: `npm test -- --grep ${index}`,
        output,
        ok: index % 2 === 0,
        outcome: `exit ${index % 2}`,
      });
    default:
      return { kind: 'edit', id, edit: 'update', path: `src/cart-${index}.js`, ok: true, diff };
  }
}

/** A transcript as a long session leaves it: prompts, answers, commands with output, edits with diffs. */
export function longTranscript(length: number): TranscriptItem[] {
  return Array.from({ length }, (_, index) => item(index));
}
