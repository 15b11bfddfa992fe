/**
 * Characters that reorder, hide or fake what is drawn: controls, bidirectional marks, invisible fillers and tags
 * (Unicode Standard 17, UTS 39 and the "Trojan Source" paper). A joiner stays where it holds an emoji together.
 */
const unseen = new RegExp(
  [
    '[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u115F\\u1160]',
    '[\\u200B\\u200C\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\uFFF9-\\uFFFB]',
    '\\u034F|[\\u17B4\\u17B5]|[\\u180B-\\u180F]',
    '[\\u{E0000}-\\u{E007F}]',
    '\\p{Cs}',
    '(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D',
  ].join('|'),
  'gu',
);

/** In prose only what overrides the order of letters, and controls: other marks belong to living scripts. */
const unseenInProse = /(?![\t\n])\p{Cc}|[\u202A-\u202E\u2066-\u2069]|\p{Cs}/gu;

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** Text of several lines, such as a command or output: what would not be seen is named as `<U+202E>`. */
export function visibleCode(text: string): string {
  return text.replace(unseen, named);
}

/** Text that must stay on one line, such as a path: newlines and tabs are named too. */
export function visibleLine(text: string): string {
  return visibleCode(text).replace(/[\n\t]/g, (character) => (character === '\n' ? '<U+000A>' : '<U+0009>'));
}

/** Prose in any script: carriage returns end lines, overrides of the reading order are named. */
export function visibleProse(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(unseenInProse, named);
}

/**
 * Prose for a notification. The editor makes `[label](command:id)` in one a link that runs a command, and the words may
 * come from a sandbox: such a link stays text.
 */
export function visibleSentence(text: string): string {
  return visibleProse(text).replaceAll('](', '] (');
}
