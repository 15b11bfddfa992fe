interface Opened<T> {
  readonly value: Promise<T>;
  users: number;
}

/**
 * Opens each key once however many ask for it; the thing closes when its last user closed it. Two writers of one file
 * in one process would not see each other's appends.
 */
export function sharedOpener<K, T extends { close(): Promise<void> }>(
  open: (key: K) => Promise<T>,
): (key: K) => Promise<T> {
  const opened = new Map<K, Opened<T>>();
  const closing = new Map<K, Promise<void>>();

  const leave = async (key: K, shared: Opened<T>) => {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (opened.get(key) === shared) opened.delete(key);
    const done = shared.value.then((value) => value.close());
    const settled = done.catch(() => undefined).finally(() => closing.delete(key));
    closing.set(key, settled);
    await done;
  };

  return async (key) => {
    let shared = opened.get(key);
    if (shared === undefined) {
      const before = closing.get(key) ?? Promise.resolve();
      shared = { value: before.then(() => open(key)), users: 0 };
      opened.set(key, shared);
    }
    const mine = shared;
    mine.users += 1;
    try {
      return lent(await mine.value, () => leave(key, mine));
    } catch (error) {
      if (opened.get(key) === mine) opened.delete(key);
      throw error;
    }
  };
}

/** A view of `value` whose `close` gives back one use, once. */
function lent<T extends { close(): Promise<void> }>(value: T, leave: () => Promise<void>): T {
  let left: Promise<void> | undefined;
  const close = () => (left ??= leave());
  return new Proxy(value, {
    get: (target, name) => {
      if (name === 'close') return close;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
