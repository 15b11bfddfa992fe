import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tool } from '@openai/agents-core';

const current = new AsyncLocalStorage<AbortSignal>();

/** The signal of the tool call that we are in, if its tool was prepared with {@link stopWithRun}. */
export function callSignal(): AbortSignal | undefined {
  return current.getStore();
}

/**
 * For a capability's `configureTools`: when the run or the call is aborted, the command that the call waits for is
 * killed with all that it started. The SDK itself tells a sandbox session nothing of an abort, so without this the
 * command goes on.
 */
export function stopWithRun<Context>(tools: Tool<Context>[]): Tool<Context>[] {
  return tools.map((tool) => {
    if (tool.type !== 'function') return tool;
    const invoke: typeof tool.invoke = (context, input, details) => {
      const call = () => tool.invoke(context, input, details);
      return details?.signal === undefined ? call() : current.run(details.signal, call);
    };
    return { ...tool, invoke };
  });
}
