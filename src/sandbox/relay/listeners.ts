import type { Listener } from '../../core/sandbox.ts';
import type { StatusBoard } from '../common/statusBoard.ts';
import { watchListeners as watch, type Look } from '../common/watchListeners.ts';
import type { Mux } from './mux/mux.ts';

/** The longest list that is read, in bytes. */
export const mostText = 262_144;
const mostListeners = 256;

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
    let text = '';
    const channel = mux.open('L', new Uint8Array(0), {
      opened: () => undefined,
      refused: () => undefined,
      data: (bytes) => {
        channel.grant(bytes.length);
        text = (text + Buffer.from(bytes).toString('latin1')).slice(-mostText);
        const whole = text.split('\n\n');
        text = whole.pop() ?? '';
        const last = whole.at(-1);
        if (last !== undefined) lists.put(parseListeners(last));
      },
      ended: () => undefined,
      closed: () => lists.end(),
    });
    return () => channel.close();
  };
}

/** Lines as the kernel tells them (proc(5)): family, address in hexadecimal, port, name of the program. */
export function parseListeners(text: string): readonly Listener[] {
  const found = new Map<string, Listener>();
  for (const line of text.split('\n')) {
    const [, family, hex = '', digits = '', name = ''] =
      /^(tcp6?) ([0-9A-F]{8}|[0-9A-F]{32}) (\d{1,5}) ?([\x20-\x7e]{0,64})$/.exec(line) ?? [];
    const port = Number(digits);
    if (family === undefined || port < 1 || port > 65_535 || found.size >= mostListeners) continue;
    const address = hex.length === 8 ? fourOf(hex) : sixOf(hex);
    const listener = { port, address, ...(name === '' ? {} : { program: name }) };
    found.set(`${address} ${port}`, listener);
  }
  return [...found.values()].sort((one, other) => one.port - other.port);
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
