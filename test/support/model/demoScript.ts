import type { Conversation } from './conversation.ts';
import { type ModelScript, type ModelStep, type PatchOperation, shellCall } from './script.ts';

/** What a person types in the demo. */
export const demoPrompt = 'The tests of this project fail. Find out why and fix it.';
export const demoFollowUp = 'Please note the fix in a changelog.';

/** The file that the fix changes, and the file that the follow-up adds, from the root of the demo project. */
export const demoFixed = 'src/duration.js';
export const demoAdded = 'CHANGELOG.md';

const list = 'ls -la . src test && cat package.json';
const runTests = 'node --test';
const read = `cat ${demoFixed} src/units.js`;

const fix: PatchOperation = {
  type: 'update_file',
  path: demoFixed,
  diff: [
    '@@',
    '     parts.push(`${count}${name}`);',
    '-    rest = seconds - count * size;',
    '+    rest -= count * size;',
    '   }',
    '',
  ].join('\n'),
};

const changelog: PatchOperation = {
  type: 'create_file',
  path: demoAdded,
  diff: [
    '+# Changelog',
    '+',
    '+- Durations of more than two units are no longer written with seconds too many.',
    '+',
    '',
  ].join('\n'),
};

const explanation = `The tests pass now. The bug was one line in \`${demoFixed}\`:

\`\`\`diff
-    rest = seconds - count * size;
+    rest -= count * size;
\`\`\`

After each unit the rest was computed **from the whole duration** instead of from what was left. With two units that goes
unnoticed; with three, \`5025\` became \`1h 23m 3645s\`. Now each unit is taken off what the units before it left over.

| Input | before | now |
|---|---|---|
| \`5025\` | \`1h 23m 3645s\` | \`1h 23m 45s\` |
| \`173220\` | \`2d 7m 172800s\` | \`2d 7m\` |
`;

/**
 * The story of the demo. What comes next follows from what was done so far, so it goes on where a stopped or
 * interrupted turn left off.
 */
export const demoScript: ModelScript = (conversation) => {
  const done = deedsOf(conversation);
  const patched = done.lastIndexOf(demoFixed);
  if (patched < 0) {
    if (!done.includes(list)) return calls('I will look around first.', shellCall(list));
    if (!done.includes(runTests)) return calls('Now the tests, to see what fails.', shellCall(runTests));
    if (!done.includes(read)) return calls('Durations with three units come out wrong. The source:', shellCall(read));
    return { text: 'The rest is computed from the wrong number. One line fixes it.', calls: [{ patch: fix }] };
  }
  if (!done.slice(patched).includes(runTests)) return calls('Running the tests again.', shellCall(runTests));
  if (!explained(conversation)) return { text: explanation, pieceDelayMs: 8 };
  if (!done.includes(demoAdded)) return { text: 'I will add it.', calls: [{ patch: changelog }] };
  return { text: `\`${demoAdded}\` says what was fixed.`, pieceDelayMs: 8 };
};

function calls(text: string, ...wanted: NonNullable<ModelStep['calls']>): ModelStep {
  return { text, calls: wanted, pieceDelayMs: 8 };
}

/** The commands and patched files that the model has results of, in order. */
function deedsOf({ entries }: Conversation): string[] {
  const answered = new Set(entries.flatMap((entry) => (entry.kind === 'result' ? [entry.id] : [])));
  return entries.flatMap((entry) => {
    if (entry.kind !== 'call' || !answered.has(entry.id)) return [];
    const given = JSON.parse(entry.arguments) as { cmd?: string; path?: string };
    return [given.cmd ?? given.path ?? ''];
  });
}

function explained({ entries }: Conversation): boolean {
  return entries.some((entry) => entry.kind === 'assistant' && entry.text.startsWith(explanation.slice(0, 20)));
}
