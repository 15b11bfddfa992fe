/**
 * Maps items in order while up to `ahead` of them are worked on at once. A failure is thrown when its turn comes; nothing
 * new is begun after it.
 */
export async function* readAhead<In, Out>(
  items: Iterable<In> | AsyncIterable<In>,
  ahead: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const running: Promise<Out>[] = [];
  const start = (item: In) => {
    const result = work(item);
    // Its turn to be awaited may never come.
    result.catch(() => undefined);
    running.push(result);
  };
  for await (const item of items) {
    start(item);
    const first = running.length >= ahead ? running.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const result of running) yield await result;
}
