import { type Answer, asFunction, modelName, type NumberedCall, pieces } from './answer.ts';

type Item = Record<string, unknown> & { readonly id: string };

/** The events of a streamed Responses reply, in the form of the API's reference. */
export function responseEvents(answer: Answer, hostedPatch: boolean): string[] {
  const events: Record<string, unknown>[] = [{ type: 'response.created', response: shell(answer, 'in_progress', []) }];
  const items = itemsOf(answer, hostedPatch);
  items.forEach((item, index) => events.push(...itemEvents(item, index, answer)));
  events.push({ type: 'response.completed', response: shell(answer, 'completed', items) });
  return events.map(
    (event, number) =>
      `event: ${String(event['type'])}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`,
  );
}

/** The same reply in one piece. */
export function responseReply(answer: Answer, hostedPatch: boolean): Record<string, unknown> {
  return shell(answer, 'completed', itemsOf(answer, hostedPatch));
}

function itemEvents(item: Item, index: number, answer: Answer): Record<string, unknown>[] {
  const place = { output_index: index, item_id: item.id };
  const added = { type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress' } };
  const done = { type: 'response.output_item.done', output_index: index, item };
  const inner: Record<string, unknown>[] = [];
  if (item['type'] === 'message') {
    const part = { type: 'output_text', text: '', annotations: [] };
    inner.push(
      { type: 'response.content_part.added', ...place, content_index: 0, part },
      ...pieces(answer.text).map((delta) => ({
        type: 'response.output_text.delta',
        ...place,
        content_index: 0,
        delta,
      })),
      { type: 'response.output_text.done', ...place, content_index: 0, text: answer.text },
      { type: 'response.content_part.done', ...place, content_index: 0, part: { ...part, text: answer.text } },
    );
  } else if (item['type'] === 'reasoning') {
    const deltas = pieces(answer.reasoning);
    inner.push(
      ...deltas.map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...place, summary_index: 0, delta })),
    );
  } else if (item['type'] === 'function_call') {
    const delta = item['arguments'];
    inner.push(
      { type: 'response.function_call_arguments.delta', ...place, delta },
      { type: 'response.function_call_arguments.done', ...place, arguments: delta },
    );
  }
  return [added, ...inner, done];
}

function itemsOf(answer: Answer, hostedPatch: boolean): Item[] {
  const items: Item[] = [];
  if (answer.reasoning !== '') {
    const summary = [{ type: 'summary_text', text: answer.reasoning }];
    items.push({ type: 'reasoning', id: `rs_${answer.id}`, summary });
  }
  if (answer.text !== '') {
    const content = [{ type: 'output_text', text: answer.text, annotations: [] }];
    items.push({ type: 'message', id: `msg_${answer.id}`, status: 'completed', role: 'assistant', content });
  }
  return [...items, ...answer.calls.map((call) => callItem(call, hostedPatch))];
}

function callItem({ id, call }: NumberedCall, hostedPatch: boolean): Item {
  const base = { id: `item_${id}`, call_id: id, status: 'completed' };
  if ('patch' in call && hostedPatch) return { type: 'apply_patch_call', ...base, operation: call.patch };
  return { type: 'function_call', ...base, ...asFunction(call) };
}

function shell(answer: Answer, status: string, output: readonly Item[]): Record<string, unknown> {
  const { input, output: written } = answer.usage;
  const usage = {
    input_tokens: input,
    output_tokens: written,
    total_tokens: input + written,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
  return {
    id: `resp_${answer.id}`,
    object: 'response',
    created_at: answer.created,
    model: modelName,
    status,
    error: null,
    incomplete_details: null,
    parallel_tool_calls: true,
    output,
    usage: status === 'completed' ? usage : null,
  };
}
