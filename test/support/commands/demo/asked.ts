/**
 * Aborted by Ctrl-C, or another request to end. A second one changes nothing: the first is on its way, and dying of it
 * would leave behind what was started.
 */
export function askedToEnd(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  return asked.signal;
}

/** What `work` comes to, or `asked` as soon as that is; the work is left where it stands. */
export async function unlessAsked<T>(asked: AbortSignal, work: Promise<T>): Promise<T | 'asked'> {
  const { promise, resolve } = Promise.withResolvers<'asked'>();
  if (asked.aborted) resolve('asked');
  asked.addEventListener('abort', () => resolve('asked'));
  return await Promise.race([work, promise]);
}
