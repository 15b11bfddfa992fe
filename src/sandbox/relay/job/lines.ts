import { fail } from '../../../core/problem.ts';
import type { Followed } from './way.ts';

/** The last word of an answer in lines. */
export type LastWord = 'end' | 'more' | 'idle' | 'dup' | 'none' | 'lost' | 'failed' | 'ok' | 'over' | 'void';

const words = new Set<string>(['end', 'more', 'idle', 'dup', 'none', 'lost', 'failed', 'ok', 'over', 'void']);

/** Reads what the program inside prints for one request: an offset, the log in base64, a last word. */
export class AnswerLines {
  word: LastWord | undefined;
  readonly #job: Followed | undefined;
  #text = '';
  #at = 0;

  constructor(job?: Followed) {
    this.#job = job;
  }

  push(text: string): void {
    this.#text += text;
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) this.#line(line.trimEnd());
  }

  #line(line: string): void {
    if (line === '') return;
    if (line.startsWith('.')) {
      const word = line.slice(1);
      if (words.has(word)) this.word = word as LastWord;
    } else if (line === '@=') {
      this.#job?.beginAt(undefined);
      this.#at = Math.max(this.#job?.wanted ?? 0, 0);
    } else if (line.startsWith('@')) {
      this.#at = Number(line.slice(1));
      if (!Number.isSafeInteger(this.#at)) unreadable();
      this.#job?.beginAt(this.#at);
    } else if (this.#job !== undefined) {
      const bytes = Buffer.from(line, 'base64');
      this.#job.take(this.#at, bytes);
      this.#at += bytes.length;
    }
  }
}

function unreadable(): never {
  return fail('protocol', 'The sandbox answers what cannot be read.', { delivery: 'maybe-sent' });
}
