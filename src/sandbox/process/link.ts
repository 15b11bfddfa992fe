import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { FrameReader, frame, frameHeader, jsonFrame, line, maxFrameBytes, type Control, type Request } from './wire.ts';

const text = z.string().max(4096);
const port = z.int().min(0).max(65_535);
const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('pong'), v: z.number() }),
  z.object({ event: z.literal('started'), missed: z.number().optional() }),
  z.object({ event: z.literal('refused'), code: text, message: text }),
  z.object({ event: z.literal('exited'), code: z.int().min(0).max(255) }),
  z.object({ event: z.literal('signaled'), signal: z.string().regex(/^SIG[A-Z0-9+]{1,12}$/) }),
  z.object({ event: z.literal('stopped'), by: z.enum(['abort', 'deadline']), killed: z.enum(['tree', 'group']) }),
  z.object({ event: z.literal('terminals'), list: z.array(z.string().max(64)).max(64) }),
  z.object({ event: z.literal('connected') }),
  z.object({
    event: z.literal('listeners'),
    list: z.array(z.object({ port, address: z.string().max(64), program: z.string().max(64).optional() })).max(256),
  }),
]);

/** What a supervisor says, parsed. It shares its user with hostile commands, so nothing of it is believed unchecked. */
export type SupervisorEvent = z.infer<typeof eventSchema>;

/** Takes what comes over a connection. */
export interface LinkEvents {
  data(kind: 1 | 2, bytes: Uint8Array): void;
  event(event: SupervisorEvent): void;
  /** The connection is over; `sent` tells whether the request can have arrived. */
  over(sent: boolean): void;
}

/** One connection to a supervisor, for one request. */
export interface Link {
  send(bytes: Uint8Array): Promise<void>;
  sendEnd(): void;
  control(message: Control): void;
  pause(): void;
  resume(): void;
  close(): void;
}

/** Opens a connection and sends `request` on it. Never throws: what goes wrong is told as `over`. */
export function openLink(socketPath: string, request: Request, events: LinkEvents): Link {
  const socket = connect(socketPath);
  let sent = false;
  const reader = new FrameReader({
    data: (kind, bytes) => {
      if (kind === frame.out || kind === frame.err) events.data(kind, bytes);
      else throw new Error('A supervisor sends no such frame.');
    },
    json: (kind, message) => {
      if (kind !== frame.event) throw new Error('A supervisor sends no such frame.');
      events.event(eventSchema.parse(message));
    },
  });
  socket.on('connect', () => (sent = true));
  // Held back until connected; written first, so that nothing of the request's input can come before it.
  socket.write(line(request));
  socket.on('data', (chunk: Uint8Array) => {
    try {
      reader.push(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => events.over(sent));
  return linkOver(socket);
}

function linkOver(socket: Socket): Link {
  return {
    send: (bytes) => sendInput(socket, bytes),
    sendEnd: () => {
      if (socket.writable) socket.write(frameHeader(frame.inputEnd, 0));
    },
    control: (message) => {
      if (socket.writable) socket.write(jsonFrame(frame.control, message));
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => socket.destroy(),
  };
}

/** Resolves when the bytes left, or when the connection is over. */
async function sendInput(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += maxFrameBytes) {
    const piece = bytes.subarray(at, at + maxFrameBytes);
    if (!socket.writable) return;
    await new Promise<void>((resolve) => {
      socket.cork();
      socket.write(frameHeader(frame.input, piece.length));
      socket.write(piece, () => resolve());
      socket.uncork();
    });
  }
}

/** Asks the supervisor for a sign of life. Answers false when it is late, stopped or talks nonsense. */
export function ping(socketPath: string, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    let answered = false;
    const link = openLink(
      socketPath,
      { v: 1, kind: 'ping' },
      {
        data: () => undefined,
        event: (event) => (answered ||= event.event === 'pong'),
        over: () => {
          clearTimeout(timer);
          resolve(answered);
        },
      },
    );
    const timer = setTimeout(() => link.close(), withinMs);
  });
}
