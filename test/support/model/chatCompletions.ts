import { type Answer, asFunction, modelName, pieces } from './answer.ts';

/** The events of a streamed Chat Completions reply, in the form of the API's reference. */
export function chatEvents(answer: Answer): string[] {
  const chunk = (more: Record<string, unknown>) =>
    JSON.stringify({
      id: answer.id,
      object: 'chat.completion.chunk',
      created: answer.created,
      model: modelName,
      ...more,
    });
  const delta = (change: Record<string, unknown>) =>
    chunk({ choices: [{ index: 0, delta: change, finish_reason: null }] });
  const finish = answer.calls.length > 0 ? 'tool_calls' : 'stop';
  return [
    delta({ role: 'assistant', content: '' }),
    ...pieces(answer.reasoning).map((reasoning) => delta({ reasoning })),
    ...pieces(answer.text).map((content) => delta({ content })),
    ...answer.calls.flatMap(({ id, call }, index) => {
      const { name, arguments: text } = asFunction(call);
      const half = Math.ceil(text.length / 2);
      const part = (change: Record<string, unknown>) => delta({ tool_calls: [{ index, ...change }] });
      return [
        part({ id, type: 'function', function: { name, arguments: '' } }),
        part({ function: { arguments: text.slice(0, half) } }),
        part({ function: { arguments: text.slice(half) } }),
      ];
    }),
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: finish }] }),
    chunk({ choices: [], usage: usageOf(answer) }),
    '[DONE]',
  ].map((data) => `data: ${data}\n\n`);
}

/** The same reply in one piece. */
export function chatReply(answer: Answer): Record<string, unknown> {
  const calls = answer.calls.map(({ id, call }) => ({ id, type: 'function', function: asFunction(call) }));
  const message = { role: 'assistant', content: answer.text, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: modelName,
    choices: [{ index: 0, message, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }],
    usage: usageOf(answer),
  };
}

function usageOf({ usage: { input, output } }: Answer): Record<string, number> {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
