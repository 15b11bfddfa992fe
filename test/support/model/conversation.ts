import { z } from 'zod';

/** What was said so far, the same for both APIs. */
export interface Conversation {
  readonly api: 'responses' | 'chat-completions';
  readonly model: string;
  readonly instructions: string;
  /** Names of the tools that were offered; `hostedPatch` when `apply_patch` is the API's own tool. */
  readonly tools: readonly string[];
  readonly hostedPatch: boolean;
  readonly entries: readonly Entry[];
  /** Answers of the model since the last message of the user. */
  readonly round: number;
}

export type Entry =
  | { readonly kind: 'user'; readonly text: string }
  | { readonly kind: 'assistant'; readonly text: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string; readonly arguments: string }
  | { readonly kind: 'result'; readonly id: string; readonly text: string };

const toolShape = z.object({
  type: z.string(),
  name: z.string().optional(),
  function: z.object({ name: z.string() }).optional(),
});

const chatShape = z.object({
  model: z.string(),
  tools: z.array(toolShape).optional(),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.unknown().optional(),
      tool_call_id: z.string().optional(),
      tool_calls: z
        .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
        .optional(),
    }),
  ),
});

const responsesShape = z.object({
  model: z.string(),
  instructions: z.string().nullish(),
  tools: z.array(toolShape).optional(),
  input: z.union([
    z.string(),
    z.array(
      z.looseObject({
        type: z.string().optional(),
        role: z.string().optional(),
        content: z.unknown().optional(),
        call_id: z.string().optional(),
        name: z.string().optional(),
        arguments: z.string().optional(),
        operation: z.unknown().optional(),
        output: z.unknown().optional(),
      }),
    ),
  ]),
});

/** Reads the body of a Chat Completions request. Throws for anything else. */
export function fromChat(body: unknown): Conversation {
  const { model, messages, tools = [] } = chatShape.parse(body);
  const entries = messages.flatMap((message): Entry[] => {
    const text = textOf(message.content);
    switch (message.role) {
      case 'user':
        return [{ kind: 'user', text }];
      case 'assistant': {
        const calls = (message.tool_calls ?? []).map((call): Entry => ({
          kind: 'call',
          id: call.id,
          ...call.function,
        }));
        return text === '' ? calls : [{ kind: 'assistant', text }, ...calls];
      }
      case 'tool':
        return [{ kind: 'result', id: message.tool_call_id ?? '', text }];
      default:
        return [];
    }
  });
  const instructions = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const said = instructions.map(({ content }) => textOf(content)).join('\n');
  return finish('chat-completions', model, said, tools, entries);
}

/** Reads the body of a Responses request. Throws for anything else. */
export function fromResponses(body: unknown): Conversation {
  const { model, instructions, input, tools = [] } = responsesShape.parse(body);
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const entries = items.flatMap((item): Entry[] => {
    if (!('type' in item) || item.type === undefined || item.type === 'message') {
      const text = textOf(item.content);
      return [item.role === 'assistant' ? { kind: 'assistant', text } : { kind: 'user', text }];
    }
    const id = item.call_id ?? '';
    switch (item.type) {
      case 'function_call':
        return [{ kind: 'call', id, name: item.name ?? '', arguments: item.arguments ?? '' }];
      case 'apply_patch_call':
        return [{ kind: 'call', id, name: 'apply_patch', arguments: JSON.stringify(item.operation) }];
      case 'function_call_output':
      case 'apply_patch_call_output':
        return [{ kind: 'result', id, text: textOf(item.output) }];
      default:
        return [];
    }
  });
  return finish('responses', model, instructions ?? '', tools, entries);
}

function finish(
  api: Conversation['api'],
  model: string,
  instructions: string,
  tools: readonly z.infer<typeof toolShape>[],
  entries: readonly Entry[],
): Conversation {
  const hostedPatch = tools.some(({ type }) => type === 'apply_patch');
  const names = tools.map(({ type, name, function: called }) => name ?? called?.name ?? type);
  return { api, model, instructions, tools: names, hostedPatch, entries, round: roundOf(entries) };
}

/** An answer is what the model said in one go: it ends where results or the user follow. */
function roundOf(entries: readonly Entry[]): number {
  const since = entries.slice(entries.findLastIndex(({ kind }) => kind === 'user') + 1);
  const byModel = since.map(({ kind }) => kind === 'assistant' || kind === 'call');
  return byModel.filter((own, index) => own && byModel[index - 1] !== true).length;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => z.object({ text: z.string() }).safeParse(part).data?.text ?? '').join('');
}
