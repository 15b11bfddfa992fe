import type { OpId } from '../../shared/ids.ts';
import type { Recorder } from './recorder.ts';
import { maxOutputCharacters } from './transcript.ts';

/** Most characters of one command that are logged as they come; after that only the tail is kept for its end. */
const maxLoggedCharacters = 400_000;
const flushAfterCharacters = 32_000;
const flushAfterMs = 500;

/**
 * One command's output on its way to the viewers (at once) and to the log (in batches). Memory and log stay bounded
 * whatever the command prints.
 */
export class CommandOutput {
  readonly #op: OpId;
  readonly #recorder: Recorder;
  readonly #decoder = new TextDecoder('utf-8');
  #batch = '';
  #logged = 0;
  #tail = '';
  #omitted = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(op: OpId, recorder: Recorder) {
    this.#op = op;
    this.#recorder = recorder;
  }

  /** Takes in bytes as the sandbox sent them. */
  add(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Hands the rest to the log and answers how many characters no log holds. */
  end(): number {
    this.#take(this.#decoder.decode());
    clearTimeout(this.#timer);
    this.#flush();
    if (this.#tail !== '') this.#recorder.note({ t: 'command-output', op: this.#op, text: this.#tail });
    return this.#omitted;
  }

  #take(text: string): void {
    if (text === '') return;
    this.#recorder.transcript.addOutput(this.#op, text);
    this.#recorder.tell({ kind: 'output', id: this.#op, text });
    if (this.#logged >= maxLoggedCharacters) this.#keepTail(text);
    else this.#keepBatch(text);
  }

  #keepTail(text: string): void {
    const all = this.#tail + text;
    const over = Math.max(0, all.length - maxOutputCharacters);
    this.#tail = all.slice(over);
    this.#omitted += over;
  }

  #keepBatch(text: string): void {
    this.#batch += text;
    this.#logged += text.length;
    if (this.#batch.length >= flushAfterCharacters) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushAfterMs).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch === '') return;
    const text = this.#batch;
    this.#batch = '';
    this.#recorder.note({ t: 'command-output', op: this.#op, text });
  }
}
