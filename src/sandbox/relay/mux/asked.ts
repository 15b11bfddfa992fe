import { AirlockError, problem } from '../../../core/problem.ts';
import type { Mux } from './mux.ts';

const mostText = 65_536;
const unheard = problem('unreachable', 'The sandbox did not answer in time.', { delivery: 'maybe-sent' });

/** What the program inside answered to one question: a word by which it refused, or text until it closed the channel. */
export interface Answered {
  readonly refused: string | undefined;
  readonly text: string;
}

/** Asks one question over a channel of its own, which `signal` closes. Throws what the mux was lost for. */
export function ask(mux: Mux, type: 'C' | 'V' | 'K', question: Uint8Array, signal?: AbortSignal): Promise<Answered> {
  return new Promise((resolve, reject) => {
    let text = '';
    let refused: string | undefined;
    const channel = mux.open(type, question, {
      opened: () => undefined,
      refused: (word) => (refused = word),
      data: (bytes) => {
        text = (text + Buffer.from(bytes).toString('latin1')).slice(0, mostText);
        channel.grant(bytes.length);
      },
      ended: () => undefined,
      closed: (why) => {
        signal?.removeEventListener('abort', leave);
        if (why === undefined) resolve({ refused, text });
        else reject(new AirlockError(why));
      },
    });
    const leave = () => {
      reject(new AirlockError(unheard));
      channel.close();
    };
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted === true) leave();
  });
}
