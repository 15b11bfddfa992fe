import type { Socket } from 'node:net';

/** Longest line in bytes that a connection takes. */
export const maxLineBytes = 4 * 1024 * 1024;
/** Bytes that may wait for a slow reader before it is let go. */
const maxWaitingBytes = 16 * 1024 * 1024;
const newline = 0x0a;

/** Calls back for each whole line; a line over the limit ends the connection. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  socket.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let cut = chunk.indexOf(newline); cut >= 0; cut = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, cut));
      const line = Buffer.concat(parts);
      parts = [];
      size = 0;
      start = cut + 1;
      if (line.length > maxLineBytes) {
        socket.destroy();
        return;
      }
      onLine(line.toString('utf8'));
      if (socket.destroyed) return;
    }
    parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > maxLineBytes) socket.destroy();
  });
}

/** Sends one line. A reader that lets too much wait is let go: it can connect again and catch up. */
export function sendLine(socket: Socket, line: string): void {
  if (line.includes('\n')) throw new Error('A line cannot hold a line end.');
  if (socket.destroyed || !socket.writable) return;
  socket.write(`${line}\n`);
  if (socket.writableLength > maxWaitingBytes) socket.destroy();
}
