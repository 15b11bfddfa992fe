import type { Conversation } from './conversation.ts';
import type { ModelCall, ModelStep } from './script.ts';

/** A step with all that a reply needs: ids that follow from the conversation, so that a repeated request repeats them. */
export interface Answer {
  readonly id: string;
  readonly created: number;
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly NumberedCall[];
  readonly usage: { readonly input: number; readonly output: number };
}

export interface NumberedCall {
  readonly id: string;
  readonly call: ModelCall;
}

/** The name that the scripted model goes by. */
export const modelName = 'recorded-demo';

const bytesPerToken = 4;
/** Replies must not differ from run to run, so they all were made at this time. */
const created = 1_790_000_000;

export function answerOf(step: ModelStep, conversation: Conversation): Answer {
  const { entries } = conversation;
  const place = entries.length;
  const calls = (step.calls ?? []).map((call, index) => ({ id: `call_${place}_${index}`, call }));
  const text = step.text ?? '';
  const tokens = (value: unknown) => Math.ceil(JSON.stringify(value).length / bytesPerToken);
  const usage = { input: tokens([conversation.instructions, entries]), output: tokens([text, calls]) };
  return { id: `reply_${place}`, created, reasoning: step.reasoning ?? '', text, calls, usage };
}

/** Name and argument text of a call where every tool is a function. */
export function asFunction(call: ModelCall): { name: string; arguments: string } {
  if ('patch' in call) return { name: 'apply_patch', arguments: JSON.stringify(call.patch) };
  const { name, arguments: given } = call;
  return { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) };
}

/** A text in the pieces in which it is streamed: words with the space behind them. */
export function pieces(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}
