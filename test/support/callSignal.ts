import { RunContext, tool } from '@openai/agents-core';
import { z } from 'zod';
import { stopWithRun } from '../../src/agent/callSignal.ts';

/** Runs `work` as a tool call that has `signal`, by the way that the SDK calls tools. */
export async function callSignalScope<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined;
  const plain = tool({
    name: 'work',
    description: 'Does the work of a test.',
    parameters: z.object({}),
    execute: () => (result = work()),
  });
  const [prepared] = stopWithRun([plain]);
  if (prepared?.type !== 'function') throw new Error('The tool is gone.');
  await prepared.invoke(new RunContext(), '{}', { signal });
  if (result === undefined) throw new Error('The tool did not run.');
  return result;
}
