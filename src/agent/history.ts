import type { AgentInputItem } from '@openai/agents-core';
import { z } from 'zod';
import type { ModelChoice } from '../core/session/events.ts';

/** A conversation item as it is kept: what the SDK made, and which endpoint it was made with. */
interface KeptItem {
  readonly v: 1;
  readonly from: { readonly api: ModelChoice['api']; readonly baseUrl: string };
  readonly item: AgentInputItem;
}

const keptItemShape = z.custom<AgentInputItem>((value) => typeof value === 'object' && value !== null);

const keptShape = z.object({
  v: z.literal(1),
  from: z.object({ api: z.enum(['responses', 'chat-completions']), baseUrl: z.string() }),
  item: keptItemShape,
});

/** What a call without a result is answered with, so that the model does not take it for done. */
const interrupted =
  'Interrupted before there was a result. It may or may not have been done: look before you repeat it.';

/** Wraps items for keeping, as plain JSON. */
export function keep(items: readonly AgentInputItem[], model: ModelChoice): unknown[] {
  const from = { api: model.api, baseUrl: model.baseUrl };
  return items.map((item): KeptItem => ({ v: 1, from, item: asJson(item) }));
}

/**
 * Kept items as the input of a new turn with `model`. Items of another endpoint or API are turned into the form that
 * all understand; calls without a result get one that says so, and results without a call are left out. What cannot be
 * read is left out.
 */
export function historyFor(kept: readonly unknown[], model: ModelChoice): AgentInputItem[] {
  const items = kept.flatMap((value) => {
    const parsed = keptShape.safeParse(value);
    if (!parsed.success) return [];
    const { from, item } = parsed.data;
    const same = from.api === model.api && from.baseUrl === model.baseUrl;
    return same ? [item] : portable(item);
  });
  return completed(items);
}

/** Answers every call that has no result and drops results of unknown calls. */
export function completed(items: readonly AgentInputItem[]): AgentInputItem[] {
  const called = new Set(items.flatMap((item) => (isCall(item) ? [item.callId] : [])));
  const answered = new Set(items.flatMap((item) => (isResult(item) ? [item.callId] : [])));
  return items.flatMap((item): AgentInputItem[] => {
    if (isResult(item)) return called.has(item.callId) ? [item] : [];
    return isCall(item) && !answered.has(item.callId) ? [item, answerTo(item)] : [item];
  });
}

/** The results that are missing in `items` for their calls. */
export function missingResults(items: readonly AgentInputItem[]): AgentInputItem[] {
  const answered = new Set(items.flatMap((item) => (isResult(item) ? [item.callId] : [])));
  return items.flatMap((item) => (isCall(item) && !answered.has(item.callId) ? [answerTo(item)] : []));
}

type Call = Extract<AgentInputItem, { type: 'function_call' | 'apply_patch_call' }>;
type Result = Extract<AgentInputItem, { type: 'function_call_result' | 'apply_patch_call_output' }>;

function isCall(item: AgentInputItem): item is Call {
  return item.type === 'function_call' || item.type === 'apply_patch_call';
}

function isResult(item: AgentInputItem): item is Result {
  return item.type === 'function_call_result' || item.type === 'apply_patch_call_output';
}

function answerTo(call: Call): Result {
  const { callId } = call;
  if (call.type === 'apply_patch_call') {
    return { type: 'apply_patch_call_output', callId, status: 'failed', output: interrupted };
  }
  const output = { type: 'text', text: interrupted } as const;
  return { type: 'function_call_result', callId, name: call.name, status: 'incomplete', output };
}

/** An item without what only its own endpoint understands: ids, encrypted reasoning, the API's own patch tool. */
function portable(item: AgentInputItem): AgentInputItem[] {
  switch (item.type) {
    case 'reasoning':
    case 'compaction':
      return [];
    case 'apply_patch_call': {
      const { callId, status, operation } = item;
      const call = { callId, name: 'apply_patch', status, arguments: JSON.stringify(operation) };
      return [{ type: 'function_call', ...call }];
    }
    case 'apply_patch_call_output': {
      const { callId, output, status } = item;
      const text = output ?? (status === 'completed' ? 'Patch applied.' : 'Patch failed.');
      const result = { callId, name: 'apply_patch', status: 'completed', output: { type: 'text', text } } as const;
      return [{ type: 'function_call_result', ...result }];
    }
    default: {
      const copy = structuredClone(item);
      if ('id' in copy) delete copy.id;
      if ('providerData' in copy) delete copy.providerData;
      return [copy];
    }
  }
}

/** As it will be read back: what JSON cannot carry must not be there now either. */
function asJson(item: AgentInputItem): AgentInputItem {
  return keptItemShape.parse(JSON.parse(JSON.stringify(item)));
}
