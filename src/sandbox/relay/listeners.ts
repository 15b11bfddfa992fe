import type { Listener } from '../../core/sandbox.ts';
import type { StatusBoard } from '../common/statusBoard.ts';
import { watchListeners as watch, type Look } from '../common/watchListeners.ts';
import type { Mux } from './mux/mux.ts';

const mostListeners = 256;
/** More than any line of a list is long. */
const mostLine = 200;

/** The ports that programs inside listen on. Nothing is told where the computer offers no terminal. */
export function watchListeners(
  open: () => Promise<Mux | undefined>,
  board: StatusBoard,
  signal: AbortSignal,
): AsyncGenerator<readonly Listener[]> {
  const lookNow = async () => {
    const mux = await open().catch(() => undefined);
    return mux === undefined ? undefined : lookBy(mux);
  };
  return watch(lookNow, board, signal);
}

function lookBy(mux: Mux): Look {
  return (lists) => {
    const list = new ListenerLines(() => lists.put(list.take()));
    const channel = mux.open('L', new Uint8Array(0), {
      opened: () => undefined,
      refused: () => undefined,
      data: (bytes) => {
        channel.grant(bytes.length);
        list.push(bytes);
      },
      ended: () => undefined,
      closed: () => lists.end(),
    });
    return () => channel.close();
  };
}

/**
 * Reads lists of listeners, in lines as the kernel tells them (proc(5)): family, address in hexadecimal, port, name of the
 * program. Holds one list and the beginning of a line, whatever comes, and reads each byte once.
 */
export class ListenerLines {
  readonly #empty: () => void;
  #found = new Map<string, Listener>();
  #line = '';

  /** `empty` is called at each line that is empty. */
  constructor(empty: () => void = () => undefined) {
    this.#empty = empty;
  }

  push(bytes: Uint8Array): void {
    const lines = (this.#line + Buffer.from(bytes).toString('latin1')).split('\n');
    this.#line = (lines.pop() ?? '').slice(0, mostLine);
    for (const line of lines) {
      if (line === '') this.#empty();
      else this.#read(line);
    }
  }

  /** The list so far; another one begins. */
  take(): readonly Listener[] {
    const found = [...this.#found.values()];
    this.#found = new Map();
    return found.sort((one, other) => one.port - other.port);
  }

  #read(line: string): void {
    const [, family, hex = '', digits = '', name = ''] =
      /^(tcp6?) ([0-9A-F]{8}|[0-9A-F]{32}) (\d{1,5}) ?([\x20-\x7e]{0,64})$/.exec(line) ?? [];
    const port = Number(digits);
    if (family === undefined || port < 1 || port > 65_535 || this.#found.size >= mostListeners) return;
    const address = hex.length === 8 ? fourOf(hex) : sixOf(hex);
    const listener = { port, address, ...(name === '' ? {} : { program: name }) };
    this.#found.set(`${address} ${port}`, listener);
  }
}

/** Each 32-bit word is in the byte order of the machine, which is little-endian on all that are offered. */
function fourOf(hex: string): string {
  return [...Buffer.from(hex, 'hex')].reverse().join('.');
}

function sixOf(hex: string): string {
  const bytes = Buffer.concat([0, 8, 16, 24].map((at) => Buffer.from(hex.slice(at, at + 8), 'hex').reverse()));
  const mapped = bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'));
  if (mapped) return bytes.subarray(12).join('.');
  const words = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}
