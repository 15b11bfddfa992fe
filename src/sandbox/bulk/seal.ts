import { fail } from '../../core/problem.ts';

const blockSize = 512;

/** One file as a ustar member: header, bytes and padding. The name must be ASCII of at most 100 bytes. */
export function tarMember(name: string, content: Uint8Array): Uint8Array {
  const padded = Math.ceil(content.length / blockSize) * blockSize;
  const member = Buffer.alloc(blockSize + padded);
  const octal = (value: number, at: number, width: number) =>
    member.write(value.toString(8).padStart(width - 1, '0'), at, 'ascii');
  member.write(name, 0, 100, 'ascii');
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  member.write('        0', 148, 'ascii');
  member.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of member.subarray(0, blockSize)) sum += byte;
  member.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  member.set(content, blockSize);
  return member;
}

/**
 * Passes a plain tar through and puts `last` in front of its end mark. Whoever unpacks the result and finds `last`
 * knows that every member before it has arrived, which the end of a pipe alone does not tell.
 * Throws `bad-input` for a tar without an end mark, and then `last` is never sent.
 */
export async function* sealTar(tar: AsyncIterable<Uint8Array>, last: Uint8Array): AsyncGenerator<Uint8Array> {
  let skip = 0;
  let ended = false;
  let carry: Uint8Array = new Uint8Array(0);
  for await (const chunk of tar) {
    if (ended) continue;
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    let at = 0;
    while (at < bytes.length) {
      if (skip > 0) {
        const step = Math.min(skip, bytes.length - at);
        skip -= step;
        at += step;
        continue;
      }
      if (bytes.length - at < blockSize) break;
      const header = bytes.subarray(at, at + blockSize);
      if (header.every((byte) => byte === 0)) {
        ended = true;
        break;
      }
      skip = blockSize + Math.ceil(memberSize(header) / blockSize) * blockSize;
    }
    if (at > 0) yield bytes.subarray(0, at);
    carry = ended ? new Uint8Array(0) : bytes.subarray(at);
  }
  if (!ended) fail('bad-input', 'The files to upload ended before their archive was complete.');
  yield last;
  yield new Uint8Array(2 * blockSize);
}

/** Size field of a tar header: octal text, or base 256 when the top bit is set (POSIX ustar and GNU's extension). */
function memberSize(header: Uint8Array): number {
  const field = header.subarray(124, 136);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    let value = 0;
    for (const byte of field.subarray(4)) value = value * 256 + byte;
    return value;
  }
  const text = Buffer.from(field).toString('latin1').replace(/\0.*$/s, '').trim();
  if (!/^[0-7]+$/.test(text)) fail('bad-input', 'The files to upload are not a tar archive.');
  return Number.parseInt(text, 8);
}
