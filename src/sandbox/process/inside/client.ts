import type { Socket } from 'node:net';
import { frame, frameHeader, FrameReader, jsonFrame, maxFrameBytes, type Control, type Event } from '../wire.ts';

/** Sends one event. */
export function tell(client: Socket, event: Event): void {
  if (client.writable) client.write(jsonFrame(frame.event, event));
}

/** Says why a request is not served, and hangs up. */
export function refuse(client: Socket, code: string, message: string): void {
  tell(client, { event: 'refused', code, message });
  client.end();
}

/** Sends a piece of output. Answers false when the client should be given time to read. */
export function sendData(client: Socket, kind: number, bytes: Uint8Array): boolean {
  if (!client.writable) return true;
  let room = true;
  client.cork();
  for (let at = 0; at < bytes.length; at += maxFrameBytes) {
    const piece = bytes.subarray(at, at + maxFrameBytes);
    client.write(frameHeader(kind, piece.length));
    room = client.write(piece);
  }
  client.uncork();
  return room;
}

/** What a client can send after its first line. */
export interface ClientEvents {
  input(bytes: Uint8Array): void;
  inputEnd(): void;
  control(message: Control): void;
  /** The client has gone, by ending its side or by breaking. */
  gone(): void;
}

/** Reads a client's frames, beginning with what came behind its first line. */
export function listen(client: Socket, rest: Uint8Array, events: ClientEvents): void {
  const reader = new FrameReader({
    data: (kind, bytes) => {
      if (kind === frame.input) events.input(bytes);
      else if (kind === frame.inputEnd) events.inputEnd();
    },
    json: (kind, message) => {
      if (kind === frame.control) events.control(message as Control);
    },
  });
  let gone = false;
  const leave = () => {
    if (gone) return;
    gone = true;
    events.gone();
  };
  const take = (chunk: Uint8Array) => {
    try {
      reader.push(chunk);
    } catch {
      client.destroy();
    }
  };
  client.on('data', take);
  client.on('end', () => {
    client.end();
    leave();
  });
  client.on('close', leave);
  if (rest.length > 0) take(rest);
  client.resume();
}
