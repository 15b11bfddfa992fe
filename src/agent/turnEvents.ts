import type { AgentInputItem, RunItem, RunStreamEvent } from '@openai/agents-core';
import {
  isOpenAIChatCompletionsRawModelStreamEvent,
  isOpenAIResponsesRawModelStreamEvent,
} from '@openai/agents-openai';
import { z } from 'zod';
import type { TurnObserver } from '../core/agent.ts';

/** Servers that are not OpenAI's stream reasoning beside the text, under one of two names. */
const chatReasoningShape = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ reasoning: z.string().nullish(), reasoning_content: z.string().nullish() }).nullish(),
    }),
  ),
});

/** Tells the observer what a stream event means for a person. Items are told apart, by {@link newItems}. */
export function tellEvent(event: RunStreamEvent, observer: TurnObserver): void {
  if (event.type === 'run_item_stream_event') {
    if (event.item.type === 'message_output_item') observer.message(event.item.content);
    return;
  }
  if (event.type !== 'raw_model_stream_event') return;
  if (event.data.type === 'output_text_delta') observer.textDelta(event.data.delta);
  const reasoning = reasoningIn(event);
  if (reasoning !== '') observer.reasoningDelta(reasoning);
}

function reasoningIn(event: RunStreamEvent): string {
  if (isOpenAIResponsesRawModelStreamEvent(event)) {
    const raw = event.data.event;
    const isReasoning =
      raw.type === 'response.reasoning_summary_text.delta' || raw.type === 'response.reasoning_text.delta';
    return isReasoning ? raw.delta : '';
  }
  if (isOpenAIChatCompletionsRawModelStreamEvent(event)) {
    const delta = chatReasoningShape.safeParse(event.data.event).data?.choices[0]?.delta;
    return delta?.reasoning ?? delta?.reasoning_content ?? '';
  }
  return '';
}

/** Picks out of a run's growing list what was not handed over yet; the same call or result is handed over once. */
export class NewItems {
  readonly #seen = new Set<unknown>();

  take(items: readonly RunItem[]): AgentInputItem[] {
    return items.flatMap((item) => {
      // An approval repeats the call that it is about.
      if (item.type === 'tool_approval_item') return [];
      const raw: AgentInputItem = item.rawItem;
      const key = 'callId' in raw ? `${raw.type} ${raw.callId}` : item;
      if (this.#seen.has(key)) return [];
      this.#seen.add(key);
      return [raw];
    });
  }
}
