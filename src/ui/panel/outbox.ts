import type { ToPanel } from '../../shared/protocol.ts';

/** Milliseconds that deltas are gathered for: about a frame. */
const delay = 16;

/**
 * Gathers what is to be told to the page, because each message has its price: streamed words of one item become one
 * message, of several states only the last is sent. Order is kept.
 */
export class Outbox {
  readonly #send: (message: ToPanel) => void;
  #queue: ToPanel[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (message: ToPanel) => void) {
    this.#send = send;
  }

  add(message: ToPanel): void {
    const last = this.#queue.at(-1);
    const merged = last === undefined ? undefined : merge(last, message);
    if (merged === undefined) this.#queue.push(message);
    else this.#queue[this.#queue.length - 1] = merged;
    this.#timer ??= setTimeout(() => this.flush(), delay);
  }

  /** Sends at once what was gathered. */
  flush(): void {
    const messages = this.#queue;
    this.clear();
    for (const message of messages) this.#send(message);
  }

  /** Forgets what was gathered: a full state says it all. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
  }
}

function merge(last: ToPanel, next: ToPanel): ToPanel | undefined {
  if (last.type === 'status' && next.type === 'status') return next;
  const isText =
    (last.type === 'text-delta' && next.type === 'text-delta') ||
    (last.type === 'output-delta' && next.type === 'output-delta');
  return isText && last.id === next.id ? { ...last, text: last.text + next.text } : undefined;
}
